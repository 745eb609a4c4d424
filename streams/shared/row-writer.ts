import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { InvalidRowError } from '../../engines/warehouse/port.ts';
import { sha256Hex } from '../../schema/events/envelope.ts';
import { type RowText, rowTextOf } from '../../schema/warehouse/row-text.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';
import type { InsertQueue } from './insert-queue.ts';

export interface RowWriting<T extends TableName> {
  readonly inserts: InsertQueue<T>;
  readonly table: T;
  /** A range of one partition. */
  readonly records: readonly LogRecord[];
  readonly onStored: (rows: number) => void;
  /** Gives the dead letter of a record that does not fit. */
  readonly refuse: (record: LogRecord, reason: string, message: string) => OutgoingRecord;
}

interface Placed<T extends TableName> {
  readonly record: LogRecord;
  readonly row: RowText<T>;
}

/** Stores the rows that fit; resolves, once they are there, with the dead letters of the others. */
export async function writeRows<T extends TableName>(writing: RowWriting<T>): Promise<readonly OutgoingRecord[]> {
  const { table, records, refuse } = writing;
  const letters: OutgoingRecord[] = [];
  const placed: Placed<T>[] = [];
  for (const record of records) {
    const { text, problem } = rowTextOf(table, record);
    if (text === null) letters.push(refuse(record, 'INVALID_ROW', problem));
    else placed.push({ record, row: text });
  }
  if (placed.length > 0) letters.push(...(await insert(writing, placed)));
  return letters;
}

/** Where ClickHouse refuses a row that fits its schema, halves of the batch are tried, so that one row does not hold up the others. */
async function insert<T extends TableName>(
  writing: RowWriting<T>,
  placed: readonly Placed<T>[],
): Promise<readonly OutgoingRecord[]> {
  const { inserts, onStored, refuse } = writing;
  try {
    await inserts.insert(
      placed.map(({ row }) => row),
      tokenOf(placed.map(({ record }) => record)),
    );
    onStored(placed.length);
    return [];
  } catch (error) {
    const [only] = placed;
    if (!(error instanceof InvalidRowError) || !only) throw error;
    if (placed.length === 1) return [refuse(only.record, 'REFUSED_BY_WAREHOUSE', error.message)];
  }
  const middle = Math.ceil(placed.length / 2);
  const before = await insert(writing, placed.slice(0, middle));
  return [...before, ...(await insert(writing, placed.slice(middle)))];
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
