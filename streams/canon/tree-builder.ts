import type { LogConsumer, LogRecord } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import { eventLeaf } from '../../schema/merkle/hash.ts';
import type { NoteSigner } from '../../schema/merkle/signed-note.ts';
import { topics } from '../../schema/topics.ts';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { Tally } from '../shared/tally.ts';
import { StoredTree } from './tree-store.ts';

export interface TreeDeps extends StageDeps {
  readonly store: GraphStore;
  /** Signs tree heads. */
  readonly signer: NoteSigner;
}

/** Canon's records jumped over a leaf: whoever wrote them broke the order of the tree. */
class LeafGapError extends Error {
  override readonly name = 'LeafGapError';
}

const name = 'canon-tree';
const limits = { batchMax: 10_000, lingerMs: 50 } as const;

/**
 * Grows the Merkle tree of each log partition by what canon accepted, in that order: one transaction and one signed
 * checkpoint per batch, whatever its size. Records that come again are known by their leaf.
 */
export function createTreeBuilder(deps: TreeDeps): Stage {
  const { eventLog, store, signer } = deps;
  const logger = deps.logger.child({ stage: name });
  const tally = new Tally(name, deps.metrics);
  const trees = new Map<number, StoredTree>();
  const topic = topics.canonRecords.name;
  let consumer: LogConsumer | null = null;

  async function take(partition: number, records: readonly LogRecord[]): Promise<void> {
    const tree = trees.get(partition) ?? (await StoredTree.open(store, partition));
    trees.set(partition, tree);
    const leaves = newLeaves(records, tree.size);
    if (leaves.length > 0) await tree.append(leaves, signer);
    tally.count('ok', '', leaves.length);
  }

  return {
    name,
    stats: () => tally.stats(),
    lag: () => eventLog.lag(name, [topic]),
    async start() {
      consumer = await eventLog.consume({
        group: name,
        topics: [topic],
        ...limits,
        onRevoked: async ({ partition }) => void trees.delete(partition),
        async onBatch({ partition, records }) {
          const startedAt = performance.now();
          try {
            await take(partition, records);
          } catch (error) {
            // What is in memory may be ahead of the store.
            trees.delete(partition);
            throw error;
          }
          tally.batch(records.length, performance.now() - startedAt);
          return [];
        },
        onError(error, where) {
          tally.failure();
          logger.error({ err: error, partition: where?.partition }, 'the tree did not grow; it will be tried again');
        },
      });
    },
    async stop() {
      await consumer?.close();
      consumer = null;
    },
  };
}

/** The leaves that the tree does not have yet. A later row of an event (another status) has its old leaf. */
function newLeaves(records: readonly LogRecord[], size: number): readonly Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (const { value, json, offset } of records) {
    const row = (json ?? JSON.parse(value ?? 'null')) as Pick<
      RowOf<'platform.canon_events'>,
      'hash' | 'leaf_index'
    > | null;
    const leaf = row?.leaf_index ?? null;
    if (row === null || leaf === null || leaf < size + leaves.length) continue;
    if (leaf > size + leaves.length)
      throw new LeafGapError(`record ${offset} has leaf ${leaf} where ${size + leaves.length} is next`);
    leaves.push(eventLeaf(row.hash));
  }
  return leaves;
}
