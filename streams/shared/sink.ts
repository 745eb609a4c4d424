import type { LogConsumer, LogRecord, OutgoingRecord, RecordBatch } from '../../engines/event-log/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { sha256Hex } from '../../schema/events/envelope.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import { type RowOf, type TableName, tables } from '../../schema/warehouse/tables.ts';
import { deadLetterRecord } from './dead-letters.ts';
import { parseJson } from './parse-json.ts';
import type { Stage, StageDeps } from './stage.ts';
import { Tally } from './tally.ts';

export interface SinkOptions<T extends TableName> {
  readonly topic: TopicName;
  readonly table: T;
  /** Rows of one insert. */
  readonly batchMax?: number;
  /** How long rows gather before they are inserted: the longest delay that the sink adds, and its least distance between parts. */
  readonly lingerMs?: number;
}

export interface SinkDeps extends StageDeps {
  /** Migrated already. */
  readonly warehouse: Warehouse;
}

interface Placed<T extends TableName> {
  readonly record: LogRecord;
  readonly row: RowOf<T>;
}

const defaults = { batchMax: 2_000, lingerMs: 100 } as const;

/**
 * Copies the rows of a topic into their table. Offsets are committed after the warehouse has the rows. A batch that comes
 * again within the same bounds is dropped by its token; within other bounds its rows replace themselves, since the tables are
 * read by natural key. A row that does not fit becomes a dead letter. The group belongs to the warehouse's
 * identity: one that was made anew is filled from the start of the topic.
 */
export function createSink<T extends TableName>(options: SinkOptions<T>, deps: SinkDeps): Stage {
  const { eventLog, warehouse } = deps;
  const { topic, table, batchMax, lingerMs } = { ...defaults, ...options };
  const name = `sink-${table.replace('.', '-').replaceAll('_', '-')}`;
  const logger = deps.logger.child({ stage: name });
  const nowMs = deps.nowMs ?? Date.now;
  const tally = new Tally(name, deps.metrics);
  let consumer: LogConsumer | null = null;
  let group = '';

  function putAside(record: LogRecord, reason: string, message: string): OutgoingRecord {
    tally.count('deadLetter', reason);
    logger.warn(
      { reason, topic: record.topic, partition: record.partition, offset: record.offset },
      'row put aside as a dead letter',
    );
    return deadLetterRecord({ processor: name, reason, message, record, nowMs: nowMs() });
  }

  async function insert(placed: readonly Placed<T>[]): Promise<readonly OutgoingRecord[]> {
    try {
      await warehouse.insert(
        table,
        placed.map(({ row }) => row),
        tokenOf(placed.map(({ record }) => record)),
      );
      tally.count('ok', '', placed.length);
      return [];
    } catch (error) {
      const [only] = placed;
      if (!(error instanceof Error) || error.name !== 'InvalidRowError' || !only) throw error;
      if (placed.length === 1) return [putAside(only.record, 'REFUSED_BY_WAREHOUSE', error.message)];
    }
    const outgoing: OutgoingRecord[] = [];
    for (const each of placed) outgoing.push(...(await insert([each])));
    return outgoing;
  }

  async function onBatch({ records }: RecordBatch): Promise<readonly OutgoingRecord[]> {
    const startedAt = performance.now();
    const outgoing: OutgoingRecord[] = [];
    const placed: Placed<T>[] = [];
    for (const record of records) {
      const parsed = tables[table].safeParse(parseJson(record.value));
      if (parsed.success) placed.push({ record, row: parsed.data as RowOf<T> });
      else outgoing.push(putAside(record, 'INVALID_ROW', explainZodError(parsed.error)));
    }
    if (placed.length > 0) outgoing.push(...(await insert(placed)));
    tally.batch(records.length, performance.now() - startedAt);
    return outgoing;
  }

  return {
    name,
    stats: () => tally.stats(),
    lag: async () => (group === '' ? [] : eventLog.lag(group, [topics[topic].name])),
    async start() {
      group = `${name}-${await warehouse.identity()}`;
      consumer = await eventLog.consume({
        group,
        topics: [topics[topic].name],
        batchMax,
        lingerMs,
        onBatch,
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

/**
 * Names the range and, by a digest, the values in it: ClickHouse drops other rows under a token that it knows without a word, and a
 * log that was made anew counts from 0 again.
 */
function tokenOf(records: readonly LogRecord[]): string {
  const first = records[0];
  const last = records.at(-1);
  const digest = sha256Hex(records.map(({ value }) => value).join('\n')).slice(0, 16);
  return `${first?.topic}:${first?.partition}:${first?.offset}-${last?.offset}:${digest}`;
}
