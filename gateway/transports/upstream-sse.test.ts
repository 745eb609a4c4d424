import { expect, test } from '@jest/globals';
import { Response } from 'undici';
import type { SubgraphResponse } from './transport.ts';
import { subscribeOverSse } from './upstream-sse.ts';

// Goal: a stream's events are read however it is cut into chunks, and what a long one costs grows with its length only.

/** What a listener is told of a stream of these chunks. */
async function read(chunks: readonly string[]): Promise<{ responses: SubgraphResponse[]; end: unknown }> {
  const encoder = new TextEncoder();
  const all = chunks.values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = all.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  const send = async (): Promise<Response> => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  const responses: SubgraphResponse[] = [];
  const options = { name: 'items', url: 'http://items.invalid', timeoutMs: 60_000, eventBytesMax: 8_000_000 };
  const request = { query: 'subscription { a }', variables: {}, auth: { claims: null, handshake: '55-45-17' } };
  const end = await new Promise((resolve, reject) => {
    const listener = { next: (response: SubgraphResponse) => void responses.push(response), end: resolve };
    subscribeOverSse(options, request, listener, send).catch(reject);
  });
  return { responses, end };
}

test.each(['\n', '\r\n', '\r'])('lines that end with %j, cut anywhere', async (end) => {
  const lines = [
    'event: next',
    'data: {"data":',
    'data: {"a":1}}',
    '',
    ': still here',
    '',
    'event:complete',
    'data:',
    '',
    '',
  ];
  const text = lines.join(end);
  for (let size = 1; size <= text.length; size += 1) {
    const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    // The last carriage return could be the first half of a line's end: what follows says.
    expect(await read([...chunks, ':'])).toEqual({ responses: [{ data: { a: 1 } }], end: null });
  }
});

test('an event of megabytes in small chunks is looked through once, not once for each of them', async () => {
  const piece = 'x'.repeat(200);
  const pieces = 30_000;
  const chunks = [
    'data: {"data":{"a":"',
    ...Array.from({ length: pieces }, () => piece),
    '"}}\n\n',
    'event: complete\n\n',
  ];
  const { responses, end } = await read(chunks);
  expect(end).toBeNull();
  expect(String(responses[0]?.data?.['a']).length).toBe(pieces * piece.length);
}, 60_000);

test('an event beyond the limit ends the subscription', async () => {
  const { end } = await read(['data: ', ...Array.from({ length: 9 }, () => 'x'.repeat(1_000_000))]);
  expect((end as Error).message).toBe('the subgraph items ended the connection');
});
