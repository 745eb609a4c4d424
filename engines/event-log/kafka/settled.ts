import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWireError } from './wire.ts';

/** The markers of a transaction take milliseconds; a coordinator that loads its state or a leader that changes takes seconds. */
const waitMsMax = 30_000;
const firstMs = 2;
const mostMs = 100;

/**
 * What Kafka's own clients ask again after: the one asked is busy, not ready, or no longer (not yet) the one to ask. A broker tells of a new
 * topic's leaders before it leads it itself: whoever writes at once hears `NOT_LEADER_FOR_PARTITION`. (Names are those of both client libraries, which differ.)
 */
const coordinatorPasses = [
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_COORDINATOR_FOR_GROUP',
];
const leaderPasses = [
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'OFFSET_NOT_AVAILABLE',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
];

/** Errors after which a client's idea of who leads what is out of date. */
export const staleMetadata: ReadonlySet<string> = new Set([
  ...[
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_FOR_PARTITION',
    'NOT_LEADER_OR_FOLLOWER',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
  ],
  ...['KAFKA_STORAGE_ERROR', 'UNKNOWN_TOPIC_OR_PARTITION', 'CONNECTION'],
]);

/**
 * Asks again, for at most 30 s, while the answer is one that passes by itself. What is asked must be the same when it is asked twice: reads are, and so is
 * writing with a producer's sequence numbers. `topicsExist` says that the topics are known to exist, so that a broker that has not
 * heard of them will.
 */
export async function settled<R>(ask: () => Promise<R>, { topicsExist = false } = {}): Promise<R> {
  const passing = [...coordinatorPasses, ...leaderPasses, ...(topicsExist ? ['UNKNOWN_TOPIC_OR_PARTITION'] : [])];
  const deadline = Date.now() + waitMsMax;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isWireError(error, ...passing) || Date.now() > deadline) throw error;
      await sleep(1 + randomInt(Math.min(mostMs, firstMs * attempt)));
    }
  }
}
