import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ResponseError, ResponseReader } from './response-reader.ts';
import type { HttpAnswer } from './response-reader.ts';

// Goal: however the bytes of answers are cut on their way, the same answers are read; and what could be read in two ways is read in none.
const bytesMax = 10_000;

/** Everything that a reader gives for bytes that come in parts. The buffer is used again, as a socket's is. */
function readAll(bytes: Buffer, cuts: readonly number[]): { answers: HttpAnswer[]; mayStay: boolean } {
  const reader = new ResponseReader(bytesMax);
  const answers: HttpAnswer[] = [];
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  edges.forEach((edge, index) => {
    const part = Buffer.from(bytes.subarray(edge, edges[index + 1]));
    if (part.length === 0) return;
    const answer = reader.push(part);
    part.fill(0);
    if (answer) answers.push(answer);
  });
  const last = reader.end();
  if (last) answers.push(last);
  return { answers, mayStay: reader.mayStay };
}

const bodies = fc.string({ unit: 'grapheme', maxLength: 200 });
const framed = fc
  .tuple(bodies, fc.constantFrom('length', 'chunked', 'close'), fc.array(fc.nat()))
  .map(([body, how, cuts]) => {
    const bytes = Buffer.from(body);
    const head = 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 503 No\r\nRetry-After: 7\r\n';
    if (how === 'length') return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
    if (how === 'close') return Buffer.concat([Buffer.from(`${head}\r\n`), bytes]);
    const parts = cuts.reduce<Buffer[]>((done, cut) => {
      const left = bytes.subarray(done.reduce((sum, part) => sum + part.length, 0));
      return left.length === 0 ? done : [...done, left.subarray(0, 1 + (cut % left.length))];
    }, []);
    const rest = bytes.subarray(parts.reduce((sum, part) => sum + part.length, 0));
    const chunks = [...parts, ...(rest.length > 0 ? [rest] : [])].flatMap((part) => [
      Buffer.from(`${part.length.toString(16)};name=value\r\n`),
      part,
      Buffer.from('\r\n'),
    ]);
    return Buffer.concat([
      Buffer.from(`${head}transfer-encoding: Chunked\r\n\r\n`),
      ...chunks,
      Buffer.from('0\r\na: b\r\n\r\n'),
    ]);
  });

describe('answers over a connection', () => {
  test('are the same however they are cut', () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(), { maxLength: 20 }), (body, cuts) => {
        fc.assert(
          fc.property(framed, (bytes) => {
            expect(readAll(bytes, cuts)).toEqual(readAll(bytes, []));
          }),
          { numRuns: 3 },
        );
        const one = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
        expect(readAll(one, cuts)).toEqual({
          answers: [{ status: 200, retryAfter: undefined, text: body }],
          mayStay: true,
        });
      }),
    );
  });

  test('bytes that nobody asked for end the use of the connection', () => {
    const one = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
    const reader = new ResponseReader(bytesMax);
    expect(reader.push(Buffer.from(one))).toMatchObject({ text: '{}' });
    expect(reader.mayStay).toBe(true);
    expect(reader.push(Buffer.from(`${one}HTTP/1.1`))).toMatchObject({ text: '{}' });
    expect(reader.mayStay).toBe(false);
  });

  test.each<[string, string, boolean]>([
    ['HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['HTTP/1.1 200 OK\r\nconnection: keep-alive, Close\r\ncontent-length: 0\r\n\r\n', '', false],
    ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}', '{}', false],
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}', '{}', true],
    ['HTTP/1.1 200\r\nkeep-alive: timeout=5, max=10\r\ncontent-length: 2\r\n\r\n{}', '{}', true],
  ])('%j', (bytes, text, mayStay) => {
    const read = readAll(Buffer.from(bytes), []);
    expect(read).toMatchObject({ answers: [{ text }], mayStay });
  });

  test.each<[string, string]>([
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}'],
    ['another coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\n{}'],
    ['white space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\n{}'],
    ['a folded line', 'HTTP/1.1 200 OK\r\na: b\r\n content-length: 2\r\n\r\n{}'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
    [
      'a chunk that is longer than its size',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n',
    ],
    ['the size of a chunk in another form', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x2\r\n{}\r\n'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}'],
    ['a body that is too long', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(bytesMax + 1)}`],
    ['a length that is too long', `HTTP/1.1 200 OK\r\ncontent-length: ${bytesMax + 1}\r\n\r\n`],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`],
    ['hints without an end', 'HTTP/1.1 103 Hint\r\n\r\n'.repeat(20)],
  ])('%s: refused', (_name, bytes) => {
    expect(() => readAll(Buffer.from(bytes), [])).toThrow(ResponseError);
  });
});
