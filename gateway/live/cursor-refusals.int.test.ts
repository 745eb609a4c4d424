import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ArrayLog } from '../scenarios/array-log.ts';
import { liveSources, startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';
import { createCursorSeal } from './cursor.ts';

// Goal: a cursor that cannot be honoured is refused with the reason, and one that can is replayed with the caller's rights.
const key = new Uint8Array(32).fill(3);
const log = new ArrayLog();
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ live: { log, sources: liveSources, cursorKey: key } });
  for (const id of ['1', 'private 2', '3']) log.add({ space: 'a', id });
});
afterAll(() => platform.stop());

const seal = createCursorSeal(key, { topic: 'vcos.events', field: 'said', args: { space: 'a' } });
const subscribe = (resume: unknown, headers: Record<string, string> = {}, space = 'a'): Promise<Response> =>
  platform.post(
    { query: `subscription { it: said(space: "${space}") { id } }`, extensions: { resume } },
    { accept: 'text/event-stream', ...headers },
  );
const errorOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { errors: unknown[] }).errors[0];

describe('cursors that are refused', () => {
  test.each<[string, unknown, string]>([
    ['a number', 7, 'CURSOR_INVALID'],
    ['an invented text', '5.abc', 'CURSOR_INVALID'],
    [
      'one of other arguments',
      createCursorSeal(key, { topic: 'vcos.events', field: 'said', args: { space: 'b' } }).write([1]),
      'CURSOR_INVALID',
    ],
    ['one that is ahead of the log', seal.write([99]), 'CURSOR_EXPIRED'],
    ['one with more partitions than there are', seal.write([1, 1]), 'CURSOR_EXPIRED'],
  ])('%s', async (_name, cursor, code) => {
    const response = await subscribe(cursor);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ path: ['it'], extensions: { code } });
  });

  test('one whose records retention took', async () => {
    const { records } = log;
    const kept = [...records];
    records.splice(0, 2);
    const answer = await errorOf(await subscribe(seal.write([1])));
    records.splice(0, records.length, ...kept);
    expect(answer).toMatchObject({ extensions: { code: 'CURSOR_EXPIRED' } });
  });
});

describe('a replay', () => {
  const idsOf = async (response: Response, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      ids.push(...[...chunk.matchAll(/"id":"([^"]+)"/g)].map((match) => match[1] ?? ''));
      if (ids.length >= count) break;
    }
    return ids;
  };

  test("shows what the subscriber's own rights show", async () => {
    const authorization = `Bearer ${await platform.token('ada')}`;
    expect(await idsOf(await subscribe(seal.write([0])), 2)).toEqual(['1', '3']);
    expect(await idsOf(await subscribe(seal.write([0]), { authorization }), 3)).toEqual(['1', 'private 2', '3']);
  });

  test('takes the newer cursor of the Last-Event-ID header before that of the body', async () => {
    expect(await idsOf(await subscribe(seal.write([0]), { 'last-event-id': seal.write([2]) }), 1)).toEqual(['3']);
  });
});
