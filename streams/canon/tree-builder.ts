import { z } from 'zod';
import type { LogConsumer, LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import { eventLeaf } from '../../schema/merkle/hash.ts';
import type { NoteSigner } from '../../schema/merkle/signed-note.ts';
import { topics } from '../../schema/topics.ts';
import { deadLetterRecord } from '../shared/dead-letters.ts';
import { parseJson } from '../shared/parse-json.ts';
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

/** What the tree needs of a row of `platform.canon_events`. */
const leafSchema = z.object({ hash: z.string(), leaf_index: z.int().nonnegative().nullable().default(null) });
type Leaf = z.infer<typeof leafSchema>;

const name = 'canon-tree';
const limits = { batchMax: 10_000, lingerMs: 50 } as const;

/**
 * Grows the Merkle tree of each log partition by what canon accepted, in that order: one transaction and one signed
 * checkpoint per batch, whatever its size. Records that come again are known by their leaf; what is no row is put aside.
 */
export function createTreeBuilder(deps: TreeDeps): Stage {
  const { eventLog, store, signer } = deps;
  const logger = deps.logger.child({ stage: name });
  const nowMs = deps.nowMs ?? Date.now;
  const tally = new Tally(name, deps.metrics);
  const trees = new Map<number, StoredTree>();
  const topic = topics.canonRecords.name;
  let consumer: LogConsumer | null = null;

  function putAside(record: LogRecord): OutgoingRecord {
    const [reason, message] = ['UNDECODABLE', 'not a row of platform.canon_events'];
    const { topic, partition, offset } = record;
    tally.count('deadLetter', reason);
    logger.warn({ reason, topic, partition, offset }, 'message put aside as a dead letter');
    return deadLetterRecord({ processor: name, reason, message, record, nowMs: nowMs() });
  }

  async function take(partition: number, records: readonly LogRecord[]): Promise<readonly OutgoingRecord[]> {
    const tree = trees.get(partition) ?? (await StoredTree.open(store, partition));
    trees.set(partition, tree);
    const { leaves, unreadable } = newLeaves(records, tree.size);
    if (leaves.length > 0) await tree.append(leaves, signer);
    tally.count('ok', '', leaves.length);
    return unreadable.map(putAside);
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
          let letters: readonly OutgoingRecord[];
          try {
            letters = await take(partition, records);
          } catch (error) {
            // What is in memory may be ahead of the store.
            trees.delete(partition);
            throw error;
          }
          tally.batch(records.length, performance.now() - startedAt);
          return letters;
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

/** What the tree needs of a record of canon; null for what is no row. */
export function leafOf({ value, rowOf }: Pick<LogRecord, 'value' | 'rowOf'>): Leaf | null {
  const found = rowOf === topics.canonRecords.rowsOf && value !== null ? /"leaf_index":(\d+)/.exec(value) : null;
  const hash = found === null ? null : /"hash":"([0-9a-f]{64})"/.exec(value as string);
  // In the text of a checked row a quote within a text is escaped, and no column has names of its own: whatever reads like a name is the column's.
  if (found !== null && hash !== null) return { hash: hash[1] as string, leaf_index: Number(found[1]) };
  const row = leafSchema.safeParse(parseJson(value));
  return row.success ? row.data : null;
}

/** The leaves that the tree does not have yet, and what cannot be one. A later row of an event (another status) has its old leaf. */
function newLeaves(
  records: readonly LogRecord[],
  size: number,
): { readonly leaves: readonly Uint8Array[]; readonly unreadable: readonly LogRecord[] } {
  const leaves: Uint8Array[] = [];
  const unreadable: LogRecord[] = [];
  for (const record of records) {
    const row = leafOf(record);
    if (row === null) {
      unreadable.push(record);
      continue;
    }
    const { hash, leaf_index: leaf } = row;
    if (leaf === null || leaf < size + leaves.length) continue;
    if (leaf > size + leaves.length)
      throw new LeafGapError(`record ${record.offset} has leaf ${leaf} where ${size + leaves.length} is next`);
    leaves.push(eventLeaf(hash));
  }
  return { leaves, unreadable };
}
