import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLRequestError, HttpError, NetworkError } from './errors.ts';
import { serverWaitMs } from './rate-limit.ts';
import { backoffMs, isPassing, random, retryDefaults, sleep, wasNotDone } from './retry.ts';

// Goal: waits grow, stay bounded and differ between clients; what the server asks for is understood in every form it has.
describe('backoff', () => {
  test('is anywhere from nothing to a bound that doubles up to its maximum', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, drawn) => {
        const bound = Math.min(retryDefaults.delayMsMax, retryDefaults.baseMs * 2 ** attempt);
        expect(backoffMs(attempt, retryDefaults, () => drawn)).toBe(drawn * bound);
      }),
    );
    const drawn = Array.from({ length: 1000 }, random);
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(990);
  });

  test('sleep ends early with the reason of the signal', async () => {
    const controller = new AbortController();
    const slept = sleep(60_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    await expect(sleep(60_000, controller.signal)).rejects.toThrow('enough');
  });

  test('what passes is tried again, what was refused is not', () => {
    expect(
      [new NetworkError('gone'), new HttpError(503, ''), new GraphQLRequestError([], null, 504)].map(isPassing),
    ).toEqual([true, true, true]);
    expect([new GraphQLRequestError([], null), new HttpError(404, ''), new Error('other')].map(isPassing)).toEqual([
      false,
      false,
      false,
    ]);
    expect(
      [new GraphQLRequestError([], null, 429), new GraphQLRequestError([], null, 503), new NetworkError('gone')].map(
        wasNotDone,
      ),
    ).toEqual([true, false, false]);
  });
});

describe('what the server asks for', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  test.each<[Record<string, string>, number | null]>([
    [{}, null],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ ratelimit: '"default";r=0;t=30' }, 30_000],
    [{ ratelimit: '"default";r=4;t=30' }, null],
    [{ ratelimit: '"burst";r=0;t=1, "day";r=0;t=60' }, 60_000],
    [{ ratelimit: '"burst";r=3;t=1, "day";r=0;t=60' }, 60_000],
    [{ ratelimit: 'limit=10, remaining=0, reset=7' }, 7_000],
    [{ ratelimit: 'limit=10, remaining=1, reset=7' }, null],
    [{ 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }, 3_000],
    [{ 'ratelimit-remaining': '0' }, null],
    [{ 'retry-after': '1', ratelimit: '"default";r=0;t=30' }, 1_000],
    [{ ratelimit: 'nonsense' }, null],
  ])('%j', (headers, expected) => {
    expect(serverWaitMs(new Headers(headers), nowMs)).toBe(expected);
  });
});
