import { describe, expect, test } from '@jest/globals';
import { exportLinesOf } from './export-lines.ts';

async function linesOf(bytes: Buffer, chunk: number): Promise<readonly string[]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_each, at) =>
    bytes.subarray(at * chunk, (at + 1) * chunk),
  );
  const lines: string[] = [];
  for await (const line of exportLinesOf(chunks)) lines.push(line);
  return lines;
}

describe('the lines of an export', () => {
  test('end with a newline and nowhere else, wherever its bytes are cut', async () => {
    const lines = ['"a\u2028b\u2029c\u0085"', '', '"\r👩\ufeff"', '"é"'];
    for (const chunk of [1, 2, 3, 7, 1_000]) {
      expect(await linesOf(Buffer.from(`${lines.join('\n')}\n`), chunk)).toEqual(lines);
      expect(await linesOf(Buffer.from(lines.join('\n')), chunk)).toEqual(lines);
    }
    expect(await linesOf(Buffer.from('\ufeff{}\n'), 2)).toEqual(['\ufeff{}']);
  });

  test('are none where they are no UTF-8: another decoder’s replacement might be what stood there', async () => {
    const replacement = Buffer.from('"\ufffd"\n"x"\n');
    const cut = Buffer.concat([replacement.subarray(0, 3), replacement.subarray(4)]);
    expect(cut.toString()).toBe(replacement.toString());
    expect(await linesOf(cut, 100)).toEqual(['', '"x"']);
  });
});
