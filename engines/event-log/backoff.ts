import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const firstMs = 50;
const maxMs = 5_000;

/** Waits before the retry after `failures` failures in a row: doubling, half of it drawn by lot so that members do not retry in step. The signal cuts it short. */
export async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 16));
  await sleep(fullMs / 2 + randomInt(fullMs / 2), undefined, { signal }).catch(() => undefined);
}
