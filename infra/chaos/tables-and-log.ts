import { isDeepStrictEqual } from 'node:util';
import type { EventLog, LogRecord } from '../../engines/event-log/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type TopicName, topics } from '../../schema/topics.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';

type Row = Readonly<Record<string, unknown>>;

/** Which table holds the rows of which topic, and which one all of their versions. */
const filled: readonly { readonly topic: TopicName; readonly table: TableName; readonly history?: string }[] = [
  { topic: 'canonRecords', table: 'platform.canon_events' },
  { topic: 'canonStatus', table: 'platform.canon_status' },
  { topic: 'canonCases', table: 'platform.canon_cases' },
  { topic: 'canonBranches', table: 'platform.canon_branches' },
  { topic: 'reputationLedger', table: 'platform.reputation_evidence', history: 'platform.reputation_evidence_history' },
  { topic: 'reputationScores', table: 'platform.reputation_scores', history: 'platform.reputation_score_history' },
  { topic: 'privacyReleases', table: 'analytics.releases' },
  { topic: 'privacyLedger', table: 'analytics.ledger' },
  { topic: 'privacyRoots', table: 'analytics.ledger_roots' },
  { topic: 'telemetryTallies', table: 'analytics.client_answers' },
];

const pageRecords = 1_000;

export async function readTopic(eventLog: EventLog, topic: TopicName): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  const { name } = topics[topic];
  for (let partition = 0; partition < (await eventLog.partitionsOf(name)); partition += 1) {
    for (let from = 0; ;) {
      const page = await eventLog.read({ topic: name, partition, from, limit: pageRecords });
      records.push(...page);
      const last = page.at(-1);
      if (!last) break;
      from = last.offset + 1;
    }
  }
  return records;
}

/** Most records that a sink may have left for its next start: what the ticker and its processors append in the moment between the drain and the stop. */
const leftMax = 1_000;

/**
 * The next offset of a table's sink. What lies behind it is for its next start: an hour may strike after the platform has drained, and before it stops.
 */
async function committedOf(
  { eventLog, warehouse }: { eventLog: EventLog; warehouse: Warehouse },
  { topic, table }: { topic: TopicName; table: TableName },
): Promise<ReadonlyMap<number, number>> {
  const group = `sink-${table.replace('.', '-').replaceAll('_', '-')}-${await warehouse.identity()}`;
  const lags = await eventLog.lag(group, [topics[topic].name]);
  if (lags.some(({ lag }) => lag > leftMax)) throw new Error(`${group} has not carried what ${topic} holds`);
  return new Map(lags.map(({ partition, committed }) => [partition, committed]));
}

/** Every table that does not hold exactly what the log says it should, in words; computed from the log alone, not by the sinks' code. */
export async function tablesAgainstLog({
  eventLog,
  warehouse,
}: {
  eventLog: EventLog;
  warehouse: Warehouse;
}): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { topic, table, history } of filled) {
    const committed = await committedOf({ eventLog, warehouse }, { topic, table });
    const records = await readTopic(eventLog, topic);
    const isLeft = ({ partition, offset }: LogRecord): boolean => offset >= (committed.get(partition) ?? 0);
    const rowsOf = (some: readonly LogRecord[]): Row[] => some.map(({ value }) => JSON.parse(value ?? 'null') as Row);
    for (const each of history === undefined ? [table] : [table, history]) {
      const { key, version } = await replacementOf(warehouse, each);
      const left = new Set(rowsOf(records.filter(isLeft)).map((row) => keyOf(row, key)));
      const isSettled = (row: Row): boolean => !left.has(keyOf(row, key));
      const rows = rowsOf(records.filter((record) => !isLeft(record))).filter(isSettled);
      const content = (await contentOf(warehouse, each)).filter(isSettled);
      const difference = differenceOf(newest(rows, key, version), content, key);
      if (difference !== null) faults.push(`${each} is not what ${topics[topic].name} says: ${difference}`);
    }
  }
  return faults;
}

/** The columns by which rows replace each other, and the one that says which row stays. */
async function replacementOf(
  warehouse: Warehouse,
  table: string,
): Promise<{ key: readonly string[]; version: string | null }> {
  const [database = '', name = ''] = table.split('.');
  const [row] = await warehouse.query<{ key: string; engine: string }>(
    'SELECT sorting_key AS key, engine_full AS engine FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    { database, name },
  );
  if (!row) throw new Error(`there is no table ${table}`);
  return {
    key: row.key.split(',').map((column) => column.trim()),
    version: /^ReplacingMergeTree\((\w+)\)/.exec(row.engine)?.[1] ?? null,
  };
}

async function contentOf(warehouse: Warehouse, table: string): Promise<readonly Row[]> {
  return warehouse.query<Row>(`SELECT * FROM ${table} FINAL`);
}

const keyOf = (row: Row, key: readonly string[]): string => JSON.stringify(key.map((column) => plain(row[column])));

function newest(rows: readonly Row[], key: readonly string[], version: string | null): readonly Row[] {
  const kept = new Map<string, Row>();
  for (const row of rows) {
    const before = kept.get(keyOf(row, key));
    if (before !== undefined && version !== null && Number(before[version]) > Number(row[version])) continue;
    kept.set(keyOf(row, key), row);
  }
  return [...kept.values()];
}

/** Numbers come back as text where 64 bits may hold them; a column that a row lacks has its default. */
function plain(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value))) return String(Number(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  // A map cannot be null in a table.
  if (Object.keys(value).length === 0) return null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, plain(inner)]),
  );
}

function differenceOf(expected: readonly Row[], actual: readonly Row[], key: readonly string[]): string | null {
  const wanted = new Map(expected.map((row) => [keyOf(row, key), row]));
  const there = new Map(actual.map((row) => [keyOf(row, key), row]));
  if (there.size !== actual.length) return `${actual.length - there.size} rows have the key of another`;
  const missing = [...wanted.keys()].filter((each) => !there.has(each));
  if (missing.length > 0) return `${missing.length} of ${wanted.size} rows are missing, ${missing[0]} among them`;
  const surplus = [...there.keys()].filter((each) => !wanted.has(each));
  if (surplus.length > 0) return `${surplus.length} rows are too many, ${surplus[0]} among them`;
  for (const [each, row] of wanted) {
    const columns = Object.keys(row);
    const stored = there.get(each) ?? {};
    const other = columns.find((column) => !isDeepStrictEqual(plain(row[column]), plain(stored[column])));
    if (other !== undefined)
      return `row ${each} has ${JSON.stringify(stored[other])} in ${other}, not ${JSON.stringify(row[other])}`;
  }
  return null;
}
