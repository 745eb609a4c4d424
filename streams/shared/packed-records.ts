import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';

/**
 * Records for another thread: of what passes between threads each text is copied by itself, which costs more than its characters do, so that texts pass as one. A part of a text keeps the
 * whole of it in memory, so that what handlers may keep for long stays apart: keys and ids of what they are given.
 */
interface Packed {
  /** Each record's numbers, one behind the other; lengths of texts are -1 for null, topics and tables are told by index (-1: none). */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly topics: readonly string[];
  readonly tables: readonly TableName[];
  /** All texts, one behind the other. */
  readonly texts: string;
}

/** Records of a log. The numbers of each: topic, partition, offset, time, length of its value, table that it is a row of. */
export interface PackedRecords extends Packed {
  /** Key and id of each record. */
  readonly names: readonly string[];
}

/** Records to append. The numbers of each: topic, partition (-1: the log is to choose), lengths of its key, its id and its value, table that it is a row of. */
export type PackedOutgoing = Packed;

const numbersEach = 6;

export function packRecords(records: readonly LogRecord[]): PackedRecords {
  const numbers = new Float64Array(records.length * numbersEach);
  const names: string[] = [];
  const topics: string[] = [];
  const tables: TableName[] = [];
  let texts = '';
  let at = 0;
  for (const { topic, partition, offset, key, id, value, rowOf, appendedAtMs } of records) {
    numbers[at] = placeIn(topics, topic);
    numbers[at + 1] = partition;
    numbers[at + 2] = offset;
    numbers[at + 3] = appendedAtMs;
    numbers[at + 4] = value === null ? -1 : value.length;
    numbers[at + 5] = rowOf === undefined ? -1 : placeIn(tables, rowOf);
    at += numbersEach;
    names.push(key, id);
    if (value !== null) texts += value;
  }
  return { names, numbers, topics, tables, texts };
}

export function unpackRecords({ names, numbers, topics, tables, texts }: PackedRecords): readonly LogRecord[] {
  const records: LogRecord[] = [];
  let begin = 0;
  for (let n = 0, at = 0; at < numbers.length; n += 1, at += numbersEach) {
    const length = numbers[at + 4] as number;
    const end = begin + Math.max(0, length);
    records.push({
      topic: topics[numbers[at] as number] as string,
      partition: numbers[at + 1] as number,
      offset: numbers[at + 2] as number,
      key: names[2 * n] as string,
      id: names[2 * n + 1] as string,
      value: length < 0 ? null : texts.slice(begin, end),
      rowOf: tables[numbers[at + 5] as number],
      appendedAtMs: numbers[at + 3] as number,
    });
    begin = end;
  }
  return records;
}

export function packOutgoing(records: readonly OutgoingRecord[]): PackedOutgoing {
  const numbers = new Float64Array(records.length * numbersEach);
  const topics: string[] = [];
  const tables: TableName[] = [];
  let texts = '';
  let at = 0;
  for (const { topic, partition = -1, key, id, value, rowOf } of records) {
    numbers[at] = placeIn(topics, topic);
    numbers[at + 1] = partition;
    numbers[at + 2] = key.length;
    numbers[at + 3] = id.length;
    numbers[at + 4] = value === null ? -1 : value.length;
    numbers[at + 5] = rowOf === undefined ? -1 : placeIn(tables, rowOf);
    at += numbersEach;
    texts += key;
    texts += id;
    if (value !== null) texts += value;
  }
  return { numbers, topics, tables, texts };
}

export function unpackOutgoing({ numbers, topics, tables, texts }: PackedOutgoing): readonly OutgoingRecord[] {
  const records: OutgoingRecord[] = [];
  let begin = 0;
  for (let at = 0; at < numbers.length; at += numbersEach) {
    const partition = numbers[at + 1] as number;
    const id = begin + (numbers[at + 2] as number);
    const value = id + (numbers[at + 3] as number);
    const length = numbers[at + 4] as number;
    const end = value + Math.max(0, length);
    records.push({
      topic: topics[numbers[at] as number] as string,
      key: texts.slice(begin, id),
      id: texts.slice(id, value),
      value: length < 0 ? null : texts.slice(value, end),
      rowOf: tables[numbers[at + 5] as number],
      partition: partition < 0 ? undefined : partition,
    });
    begin = end;
  }
  return records;
}

/** Where a list of few names has this one, behind the others if it is new. */
function placeIn<N extends string>(names: N[], name: N): number {
  const place = names.indexOf(name);
  return place < 0 ? names.push(name) - 1 : place;
}
