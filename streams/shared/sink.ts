import type { EventLog, LogConsumer, LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';
import { deadLetterRecord } from './dead-letters.ts';
import { InsertQueue, insertRowsMax } from './insert-queue.ts';
import { letterPages } from './replay-dead-letters.ts';
import { writeRows } from './row-writer.ts';
import type { Stage, StageDeps } from './stage.ts';
import { Tally } from './tally.ts';

export interface SinkOptions<T extends TableName> {
  readonly topic: TopicName;
  readonly table: T;
  /** Rows of a partition's batch, where so many come within `lingerMs`: fewer and larger parts cost the warehouse less. Unless told, as many as one insert takes, or half as many where there are several partitions, whose batches go together. */
  readonly batchMax?: number;
  /** How long rows gather before they are inserted: the longest delay that the sink adds, and its least distance between parts. */
  readonly lingerMs?: number;
}

export interface SinkDeps extends StageDeps {
  /** Migrated already. */
  readonly warehouse: Warehouse;
}

const lingerDefaultMs = 300;
/** Of the delay, what batches of several partitions wait for each other. */
const gatherShare = 0.75;

/**
 * Copies the rows of a topic into their table. Offsets are committed after the warehouse has the rows. A batch that comes
 * again within the same bounds and company is dropped by its token; otherwise its rows replace themselves, since the tables are
 * read by natural key. A row that does not fit becomes a dead letter. The group belongs to the warehouse's
 * identity: one that was made anew is filled from the start of the topic.
 */
export function createSink<T extends TableName>(options: SinkOptions<T>, deps: SinkDeps): Stage {
  const { eventLog, warehouse } = deps;
  const { topic, table, lingerMs = lingerDefaultMs } = options;
  const name = `sink-${table.replace('.', '-').replaceAll('_', '-')}`;
  const logger = deps.logger.child({ stage: name });
  const nowMs = deps.nowMs ?? Date.now;
  const tally = new Tally(name, deps.metrics);
  let consumer: LogConsumer | null = null;
  /** As of the last start. */
  let group: string | null = null;
  const groupOfNow = async (): Promise<string> => `${name}-${await warehouse.identity()}`;
  // Part of the delay gathers a partition's records, the rest gathers partitions; a full batch waits for neither.
  const gatherMs = Math.ceil(lingerMs * gatherShare);

  function putAside(record: LogRecord, reason: string, message: string): OutgoingRecord {
    tally.count('deadLetter', reason);
    logger.warn(
      { reason, topic: record.topic, partition: record.partition, offset: record.offset },
      'row put aside as a dead letter',
    );
    return deadLetterRecord({ processor: name, reason, message, record, nowMs: nowMs() });
  }

  /** Ids of the dead letters that this sink had written when it started; null until there is one to compare. */
  let writtenBefore: ReadonlySet<string> | null = null;

  /** A new warehouse is filled from the start of the topic, past rows that were put aside long ago, and not every log drops repetitions by itself. */
  async function notWrittenBefore(letters: readonly OutgoingRecord[]): Promise<readonly OutgoingRecord[]> {
    if (letters.length === 0) return letters;
    const written = writtenBefore ?? (await letterIdsOf(eventLog, name));
    writtenBefore = written;
    return letters.filter(({ id }) => !written.has(id));
  }

  const onStored = (rows: number): void => tally.count('ok', '', rows);

  return {
    name,
    stats: () => tally.stats(),
    // Also asked, of a sink that is not started here, by who waits for those of other processes.
    lag: async () => eventLog.lag(group ?? (await groupOfNow()), [topics[topic].name]),
    async start() {
      group = await groupOfNow();
      writtenBefore = null;
      const isOne = (await eventLog.partitionsOf(topics[topic].name)) === 1;
      const { batchMax = isOne ? insertRowsMax : insertRowsMax / 2 } = options;
      const inserts = new InsertQueue({ warehouse, table, gatherMs, rowsMin: batchMax });
      consumer = await eventLog.consume({
        group,
        topics: [topics[topic].name],
        batchMax,
        lingerMs: lingerMs - gatherMs,
        isStateless: true,
        async onBatch({ records }) {
          const startedAt = performance.now();
          const letters = await writeRows({ inserts, table, records, onStored, refuse: putAside });
          tally.batch(records.length, performance.now() - startedAt);
          return notWrittenBefore(letters);
        },
        onError(error, where) {
          tally.failure();
          logger.error({ err: error, partition: where?.partition }, 'insert failed; it will be tried again');
        },
      });
    },
    async stop() {
      await consumer?.close();
      consumer = null;
    },
  };
}

async function letterIdsOf(eventLog: EventLog, processor: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const page of letterPages(eventLog, await eventLog.ends(topics.deadLetters.name)))
    for (const { id } of page) if (id.startsWith(`${processor}:`)) ids.add(id);
  return ids;
}
