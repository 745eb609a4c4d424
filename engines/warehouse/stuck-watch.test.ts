import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { StuckWatch, isProcessStuck } from './stuck-watch.ts';

// Goal: a statement that never ends is told of, once, and nobody waits for it any more; one that is only slow is not.
const stuckMs = 1_000;
const told: Error[] = [];
let watch: StuckWatch;

beforeEach(() => {
  jest.useFakeTimers();
  told.length = 0;
  watch = new StuckWatch({ stuckMs, onStuck: (error) => told.push(error) });
});
afterEach(() => {
  watch.stop();
  jest.useRealTimers();
});

const never = new Promise<never>(() => undefined);
const after = <R>(ms: number, value: R): Promise<R> => new Promise((resolve) => setTimeout(() => resolve(value), ms));

test('results and errors pass; what ends in time, waits for its turn, or may take long is left alone', async () => {
  const slow = watch.run((begin) => {
    begin();
    return after(stuckMs * 0.9, 'slow');
  });
  const waiting = watch.run(async (begin) => {
    await after(stuckMs * 5, null);
    begin();
    return after(stuckMs * 0.9, 'waited');
  });
  const long = watch.run(() => after(stuckMs * 20, 'long'));
  const refused = watch.run(async (begin) => {
    begin();
    throw new RangeError('refused');
  });
  await expect(refused).rejects.toThrow(new RangeError('refused'));
  await jest.advanceTimersByTimeAsync(stuckMs * 30);
  expect(await Promise.all([slow, waiting, long])).toEqual(['slow', 'waited', 'long']);
  expect([told, watch.isStuck, isProcessStuck()]).toEqual([[], false, false]);
});

test('one that never ends ends everybody’s wait, and is told once', async () => {
  const settled = Promise.allSettled([
    watch.run((begin) => {
      begin();
      return never;
    }),
    watch.run((begin) => {
      begin();
      return never;
    }),
    watch.run(() => never),
  ]);
  await jest.advanceTimersByTimeAsync(stuckMs);
  expect(told).toEqual([]);
  await jest.advanceTimersByTimeAsync(stuckMs);
  const message =
    'the embedded warehouse has not ended a statement in 1 s and never will: only a new process has it work again';
  expect((await settled).map((result) => result.status === 'rejected' && (result.reason as Error).message)).toEqual([
    message,
    message,
    message,
  ]);
  await expect(watch.run(() => Promise.resolve('late'))).rejects.toThrow(message);
  await jest.advanceTimersByTimeAsync(stuckMs * 10);
  expect([told.length, told[0]?.name, watch.isStuck, isProcessStuck()]).toEqual([
    1,
    'WarehouseUnavailableError',
    true,
    true,
  ]);
});
