import type { EventLog, LogConsumer, OutgoingRecord, RecordBatch, TopicPartition } from '../port.ts';
import { type PlacedRecord, Transactions } from './transactions.ts';
import type { Wire } from './wire.ts';

/** The group by which the source keeps how far it was carried. Kafka's own note decides; this one only saves reading again. */
const group = 'carried-to-kafka';
const batchMax = 1_000;
const settlePollMs = 5;

export interface CarrierOptions {
  /** The log that commits together with the operational store. */
  readonly source: EventLog;
  readonly topics: readonly string[];
  /** Names the source for ever: another one must have another name. */
  readonly name: string;
  /** Told of every failure; the carrier goes on by itself. */
  readonly onError: (error: unknown) => void;
}

/** Carries what an embedded log takes to Kafka, each record once, in order per partition. */
export interface Carrier {
  /** Resolves when everything that the source held is carried. */
  settled(): Promise<void>;
  /** Records that wait, and the age of the oldest in milliseconds. */
  depth(): Promise<{ readonly records: number; readonly ageMs: number }>;
  /** Lets what is in flight commit. */
  close(): Promise<void>;
}

/** Where a partition's records go, and the place in the source after what Kafka has. */
interface Target {
  readonly transactions: Transactions;
  next: number;
}

/**
 * Records and the place that they bring the source to commit in one transaction of Kafka, under a group that is the source's alone: killed at any
 * instant it goes on from there, and nothing comes twice. Opening a partition's transactional id fences an earlier process.
 */
export async function openCarrier(
  { source, topics, name, onError }: CarrierOptions,
  { wire, place }: { wire: Wire; place: (records: readonly OutgoingRecord[]) => Promise<readonly PlacedRecord[]> },
): Promise<Carrier> {
  const carriedGroup = `carried-${name}`;
  const targets = new Map<string, Target>();

  async function open({ topic, partition }: TopicPartition): Promise<void> {
    const transactions = await Transactions.open(wire, `${carriedGroup}-${topic}-${partition}`);
    const [committed] = await wire.committed(carriedGroup, topic, [partition]);
    const next = committed ?? 0;
    const end = (await source.ends(topic))[partition] ?? 0;
    if (next > end) {
      throw new Error(
        `Kafka has ${next} records of ${topic}/${partition} from this DATA_DIR, which holds ${end}: it is an older copy. Restore the newest, or start with new topics (EVENT_LOG_PREFIX)`,
      );
    }
    targets.set(`${topic}/${partition}`, { transactions, next });
  }

  async function carry({ topic, partition, records }: RecordBatch): Promise<readonly OutgoingRecord[]> {
    const target = targets.get(`${topic}/${partition}`);
    const last = records.at(-1);
    if (target === undefined || last === undefined || last.offset < target.next) return [];
    const news = records.filter(({ offset }) => offset >= target.next);
    const placed = await place(news.map(({ key, id, value }) => ({ topic, key, id, value, partition })));
    const next = last.offset + 1;
    await target.transactions.commit(placed, [{ group: carriedGroup, topic, partition, next }]);
    target.next = next;
    return [];
  }

  const consumer: LogConsumer = await source.consume({
    group,
    topics,
    batchMax,
    onAssigned: open,
    onBatch: carry,
    onError,
  });

  async function waiting(): Promise<readonly (TopicPartition & { committed: number; lag: number })[]> {
    return (await source.lag(group, topics)).filter(({ lag }) => lag > 0);
  }

  return {
    async settled() {
      while ((await waiting()).length > 0) await new Promise((resolve) => setTimeout(resolve, settlePollMs));
    },
    async depth() {
      const behind = await waiting();
      const oldest = await Promise.all(
        behind.map(({ topic, partition, committed }) => source.read({ topic, partition, from: committed, limit: 1 })),
      );
      const sinceMs = oldest.flat().map(({ appendedAtMs }) => Date.now() - appendedAtMs);
      return { records: behind.reduce((sum, { lag }) => sum + lag, 0), ageMs: Math.max(0, ...sinceMs) };
    },
    async close() {
      await consumer.close();
      await wire.close();
    },
  };
}
