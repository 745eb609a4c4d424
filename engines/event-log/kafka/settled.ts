import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWireError } from './wire.ts';

/** Attempts and their distance: the markers of a transaction take milliseconds, a coordinator that loads its state takes seconds. */
const attemptsMax = 200;
const firstMs = 2;
const mostMs = 100;

const passing = [
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
];

/** Asks a coordinator again while it is busy with the last transaction, loads its state or is being found: it has done nothing then. */
export async function settled<R>(ask: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isWireError(error, ...passing) || attempt >= attemptsMax) throw error;
      await sleep(1 + randomInt(Math.min(mostMs, firstMs * attempt)));
    }
  }
}
