import type { KeyObject } from 'node:crypto';
import { destroyKey, isKeyDestroyed, loadOrCreateKey } from '../../runtime/key-file.ts';
import { topics } from '../../schema/topics.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import type { LogConsumer } from '../../engines/event-log/port.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { Tally } from '../shared/tally.ts';
import { secretKey } from './crypto/keyed-hash.ts';

const nameOf = (epoch: string): string => `privacy-epoch-${epoch}`;

/** The key of an epoch was destroyed: its draws cannot be repeated, and nothing of it is released any more. */
export class EpochKeyDestroyedError extends Error {
  override readonly name = 'EpochKeyDestroyedError';
}

/** The keys of the epochs, made when they are first needed and read once. */
export function epochKeys(dataDir: string): (epoch: string) => KeyObject {
  const known = new Map<string, KeyObject>();
  return (epoch) => {
    const cached = known.get(epoch);
    if (cached) return cached;
    if (isKeyDestroyed(dataDir, nameOf(epoch)))
      throw new EpochKeyDestroyedError(`the privacy key of epoch ${epoch} is destroyed`);
    // A clock is in one epoch at a time: a few keys are enough, and what is destroyed does not stay in memory for long.
    if (known.size >= 4) known.clear();
    const key = secretKey(loadOrCreateKey(dataDir, nameOf(epoch)));
    known.set(epoch, key);
    return key;
  };
}

/**
 * Destroys the key of each epoch that a committed root closes: after that nobody, not even the platform, can repeat its draws or try out its commitments. It acts on what is committed, so
 * no batch that needs the key can come again.
 */
export function createKeyKeeper(deps: StageDeps & { readonly dataDir: string }): Stage {
  const { eventLog, dataDir } = deps;
  const name = 'privacy-key-keeper';
  const logger = deps.logger.child({ stage: name });
  const tally = new Tally(name, deps.metrics);
  const input = topics.privacyRoots.name;
  let consumer: LogConsumer | null = null;
  return {
    name,
    stats: () => tally.stats(),
    lag: () => eventLog.lag(name, [input]),
    async start() {
      await eventLog.partitionsOf(input);
      consumer = await eventLog.consume({
        group: name,
        topics: [input],
        batchMax: 500,
        async onBatch({ records }) {
          for (const record of records) {
            const root = signedRootSchema.safeParse(parseJson(record.value));
            tally.count('ok', '');
            if (!root.success || root.data.closesEpoch === null) continue;
            destroyKey(dataDir, nameOf(root.data.closesEpoch));
            logger.info({ epoch: root.data.closesEpoch }, 'epoch key destroyed');
          }
          return [];
        },
        onError(error, where) {
          tally.failure();
          logger.error(
            { err: error, partition: where?.partition },
            'a key could not be destroyed; it will be tried again',
          );
        },
      });
    },
    async stop() {
      await consumer?.close();
      consumer = null;
    },
  };
}
