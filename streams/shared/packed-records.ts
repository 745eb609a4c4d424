import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';

/**
 * Records for another thread: of what passes between threads each text is copied by itself, which costs more than its characters do, so that values pass as one. Keys and ids stay apart:
 * they may be kept for long, and a part of a text keeps the whole of it in memory.
 */
export interface PackedRecords {
  /** Key and id of each record. */
  readonly names: readonly string[];
  /** Of each record: index of its topic, partition (-1: the log is to choose), offset, time, length of its value (-1: null), index of the table that it is a row of (-1: not known). */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly topics: readonly string[];
  readonly tables: readonly TableName[];
  /** All values, one behind the other. */
  readonly values: string;
}

type Packable = OutgoingRecord & Partial<Pick<LogRecord, 'offset' | 'appendedAtMs'>>;

const numbersEach = 6;

export function packRecords(records: readonly Packable[]): PackedRecords {
  const numbers = new Float64Array(records.length * numbersEach);
  const names: string[] = [];
  const topics: string[] = [];
  const tables: TableName[] = [];
  let values = '';
  let at = 0;
  for (const { topic, partition = -1, key, id, value, offset = 0, appendedAtMs = 0, rowOf } of records) {
    numbers[at] = placeIn(topics, topic);
    numbers[at + 1] = partition;
    numbers[at + 2] = offset;
    numbers[at + 3] = appendedAtMs;
    numbers[at + 4] = value === null ? -1 : value.length;
    numbers[at + 5] = rowOf === undefined ? -1 : placeIn(tables, rowOf);
    at += numbersEach;
    names.push(key, id);
    if (value !== null) values += value;
  }
  return { names, numbers, topics, tables, values };
}

/** Where a list of few names has this one, behind the others if it is new. */
function placeIn<N extends string>(names: N[], name: N): number {
  const place = names.indexOf(name);
  return place < 0 ? names.push(name) - 1 : place;
}

/** The records of a log as they were. */
export function unpackRecords(packed: PackedRecords): readonly LogRecord[] {
  return unpack(packed, (record, partition, offset, appendedAtMs) => ({ ...record, partition, offset, appendedAtMs }));
}

/** Records to append as they were. */
export function unpackOutgoing(packed: PackedRecords): readonly OutgoingRecord[] {
  return unpack(packed, (record, partition) => (partition < 0 ? record : { ...record, partition }));
}

function unpack<R>(
  { names, numbers, topics, tables, values }: PackedRecords,
  make: (record: Omit<OutgoingRecord, 'partition'>, partition: number, offset: number, appendedAtMs: number) => R,
): readonly R[] {
  const records: R[] = [];
  let start = 0;
  for (let n = 0; n * numbersEach < numbers.length; n += 1) {
    const at = n * numbersEach;
    const length = numbers[at + 4] as number;
    const rowOf = tables[numbers[at + 5] as number];
    const end = start + Math.max(0, length);
    const record = {
      topic: topics[numbers[at] as number] as string,
      key: names[2 * n] as string,
      id: names[2 * n + 1] as string,
      value: length < 0 ? null : values.slice(start, end),
      ...(rowOf === undefined ? {} : { rowOf }),
    };
    records.push(make(record, numbers[at + 1] as number, numbers[at + 2] as number, numbers[at + 3] as number));
    start = end;
  }
  return records;
}
