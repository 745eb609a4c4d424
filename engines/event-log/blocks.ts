import type { Connection } from '../sqlite/connection.ts';
import type { LogRecord, OutgoingRecord } from './port.ts';

/** Bounds of a block: whoever reads one record reads its whole block. */
const recordsMax = 500;
const charsMax = 1_000_000;
/** Blocks that were read last and are kept as records: a topic's consumers follow each other closely. */
const keptMax = 16;

/** One stream's part of what is appended together, at `place` and behind it. Records are given in order. */
export interface BlockPlace {
  readonly place: number;
  readonly nowMs: number;
}

interface Row {
  readonly place: number;
  readonly at: number;
  readonly heads: string;
  readonly body: string;
}

/** Writes records as rows of many: one statement for hundreds of records, and no index of their ids. */
export function writeBlocks(
  connection: Connection,
  { place, nowMs }: BlockPlace,
  records: readonly OutgoingRecord[],
): void {
  let first = 0;
  let chars = 0;
  for (const [at, { value }] of records.entries()) {
    chars += value?.length ?? 0;
    if (at + 1 < records.length && at + 1 - first < recordsMax && chars < charsMax) continue;
    writeBlock(connection, { place: place + first, nowMs }, records.slice(first, at + 1));
    first = at + 1;
    chars = 0;
  }
}

/** `heads` is a JSON list of key, id and length (-1: null) of each record; `body` has their values one behind the other. */
function writeBlock(connection: Connection, { place, nowMs }: BlockPlace, records: readonly OutgoingRecord[]): void {
  const heads = JSON.stringify(records.flatMap(({ key, id, value }) => [key, id, value?.length ?? -1]));
  const body = records.map(({ value }) => value ?? '').join('');
  connection.run('INSERT INTO blocks VALUES (?, ?, ?, ?)', place, nowMs, heads, body);
}

export interface BlockStream {
  readonly topic: string;
  readonly partition: number;
  /** Place of the stream's offset 0, and of the end of the next stream's. */
  readonly base: number;
  readonly end: number;
}

/** Reads committed blocks. They never change, so that all consumers in this process may be given the same records. */
export class BlockReader {
  readonly #reader: Connection;
  readonly #kept = new Map<number, readonly LogRecord[]>();

  constructor(reader: Connection) {
    this.#reader = reader;
  }

  /** At most `limit` records of a stream from an offset on. */
  read(stream: BlockStream, from: number, limit: number): LogRecord[] {
    const found: LogRecord[] = [];
    let place = this.#firstPlace(stream, stream.base + from);
    while (place !== null && found.length < limit) {
      const records = this.#recordsAt(stream, place);
      const skipped = Math.max(0, from - (records[0]?.offset ?? 0));
      for (const record of skipped === 0 ? records : records.slice(skipped)) found.push(record);
      place = this.#placeBetween(place + 1, stream.end);
    }
    return found.length > limit ? found.slice(0, limit) : found;
  }

  /** The block that holds the record at this place or, where none does, the next. */
  #firstPlace({ base, end }: BlockStream, at: number): number | null {
    const before = this.#reader.get<{ place: number }>(
      'SELECT place FROM blocks WHERE place >= ? AND place <= ? ORDER BY place DESC LIMIT 1',
      base,
      at,
    );
    return before?.place ?? this.#placeBetween(at, end);
  }

  #placeBetween(from: number, end: number): number | null {
    const next = this.#reader.get<{ place: number }>(
      'SELECT place FROM blocks WHERE place >= ? AND place < ? ORDER BY place LIMIT 1',
      from,
      end,
    );
    return next?.place ?? null;
  }

  #recordsAt(stream: BlockStream, place: number): readonly LogRecord[] {
    const kept = this.#kept.get(place);
    if (kept) return kept;
    const row = this.#reader.get<Row>('SELECT place, at, heads, body FROM blocks WHERE place = ?', place) as Row;
    const records = recordsOf(stream, row);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= keptMax) this.#kept.delete(oldest);
    this.#kept.set(place, records);
    return records;
  }
}

function recordsOf({ topic, partition, base }: BlockStream, { place, at, heads, body }: Row): readonly LogRecord[] {
  const records: LogRecord[] = [];
  const list = JSON.parse(heads) as readonly (string | number)[];
  let start = 0;
  for (let n = 0; n < list.length; n += 3) {
    const [key, id, length] = [list[n] as string, list[n + 1] as string, list[n + 2] as number];
    const value = length < 0 ? null : body.slice(start, start + length);
    records.push({ topic, partition, offset: place - base + records.length, key, id, value, appendedAtMs: at });
    start += Math.max(0, length);
  }
  return records;
}
