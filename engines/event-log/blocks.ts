import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Connection } from '../sqlite/connection.ts';
import type { LogRecord, OutgoingRecord } from './port.ts';

/** Bounds of a block: whoever reads one record reads its whole block. No block that was ever written has more records. */
const recordsMax = 500;
const charsMax = 1_000_000;
/** Characters of the blocks that were written or read last and are kept as records: a topic’s consumers follow each other, the slowest at the distance of a sink’s batch (10,000 rows and what they were made of). */
const keptCharsMax = 48_000_000;

/** Shorter ones are not worth a compressor. */
const packedCharsMin = 4_096;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface Row {
  readonly place: number;
  readonly at: number;
  readonly heads: string;
  readonly body: string;
  readonly packed: Uint8Array | null;
}

export interface BlockStream {
  readonly topic: string;
  readonly partition: number;
  /** Place of the stream's offset 0, and behind its last. */
  readonly base: number;
  readonly end: number;
}

/** A block as records, with the size of its values. */
export interface Block {
  readonly place: number;
  readonly records: readonly LogRecord[];
  readonly chars: number;
}

/**
 * Writes records, one behind the other from `place` on, as rows of many: one statement for hundreds of them. Returns what a reader may keep once that is committed: the
 * records as they will be read.
 */
export function writeBlocks(
  connection: Connection,
  { stream, place, nowMs }: { readonly stream: BlockStream; readonly place: number; readonly nowMs: number },
  records: readonly OutgoingRecord[],
): readonly Block[] {
  const blocks: Block[] = [];
  let first = 0;
  let chars = 0;
  for (const [at, { value }] of records.entries()) {
    chars += value?.length ?? 0;
    if (at + 1 < records.length && at + 1 - first < recordsMax && chars < charsMax) continue;
    const block = writeBlock(connection, { stream, place: place + first, nowMs }, records.slice(first, at + 1));
    if (block) blocks.push(block);
    first = at + 1;
    chars = 0;
  }
  return blocks;
}

/** `heads` is a JSON list of key, id and length (-1: null) of each record; `body` has their values one behind the other. */
function writeBlock(
  connection: Connection,
  { stream, place, nowMs }: { readonly stream: BlockStream; readonly place: number; readonly nowMs: number },
  outgoing: readonly OutgoingRecord[],
): Block | null {
  const { topic, partition, base } = stream;
  const heads: (string | number)[] = [];
  const records: LogRecord[] = [];
  const values: string[] = [];
  let chars = 0;
  let isKept = true;
  for (const { key, id, value, rowOf } of outgoing) {
    heads.push(key, id, value?.length ?? -1);
    const offset = place - base + records.length;
    records.push({ topic, partition, offset, key, id, value, rowOf, appendedAtMs: nowMs });
    if (value === null) continue;
    values.push(value);
    chars += value.length;
    // A file keeps UTF-8, which half a surrogate pair does not have: such a text is read otherwise than it was written.
    isKept &&= value.isWellFormed();
  }
  insertBlock(connection, { place, at: nowMs, heads: JSON.stringify(heads), values, chars });
  return isKept ? { place, records, chars } : null;
}

interface Written {
  readonly place: number;
  readonly at: number;
  readonly heads: string;
  readonly values: readonly string[];
  readonly chars: number;
}

function insertBlock(connection: Connection, { place, at, heads, values, chars }: Written): void {
  const sql = 'INSERT INTO blocks (place, at, heads, body, packed) VALUES (?, ?, ?, ?, ?)';
  if (heads.length + chars < packedCharsMin) connection.run(sql, place, at, heads, values.join(''), null);
  // Compressing costs less than writing twice (log and file) what it saves.
  else connection.run(sql, place, at, '', '', zstdCompressSync(bytesOf(heads, values), fastest));
}

/** Where blocks are put together: one text of all values, and memory of its own for each, cost more than compressing. */
const scratch = Buffer.alloc(2 * 1024 * 1024);

/** Valid until the next call. */
function bytesOf(heads: string, values: readonly string[]): Buffer {
  let end = scratch.write(`${heads}\n`);
  for (const value of values) end += scratch.write(value, end);
  // What did not fit left less room than one character takes.
  return end > scratch.length - 4 ? Buffer.from(`${heads}\n${values.join('')}`) : scratch.subarray(0, end);
}

function unpacked(row: Row): Pick<Row, 'heads' | 'body'> {
  if (row.packed === null) return row;
  const text = zstdDecompressSync(row.packed).toString();
  // JSON texts have no line feed.
  const end = text.indexOf('\n');
  return { heads: text.slice(0, end), body: text.slice(end + 1) };
}

/** Reads committed blocks. They never change, so that all consumers in this process may be given the same records. */
export class BlockReader {
  readonly #reader: Connection;
  readonly #kept = new Map<number, Block>();
  #keptChars = 0;

  constructor(reader: Connection) {
    this.#reader = reader;
  }

  /** Takes what {@link writeBlocks} returned, once it is committed. */
  keep(blocks: readonly Block[]): void {
    for (const block of blocks) this.#keep(block);
  }

  /** The block that holds the record at a place; null where none does. */
  holding(stream: BlockStream, at: number): Omit<Block, 'chars'> | null {
    const kept = this.#kept.get(at);
    if (kept) return kept;
    const before = this.#reader.get<{ place: number }>(
      'SELECT place FROM blocks WHERE place >= ? AND place <= ? ORDER BY place DESC LIMIT 1',
      stream.base,
      at,
    );
    if (!before || before.place + recordsMax <= at) return null;
    const block = this.#blockAt(stream, before.place);
    return before.place + block.records.length > at ? block : null;
  }

  /** The place of the next block behind a place; the stream's end where there is none. */
  nextPlace({ end }: BlockStream, at: number): number {
    const next = this.#reader.get<{ place: number }>(
      'SELECT place FROM blocks WHERE place > ? AND place < ? ORDER BY place LIMIT 1',
      at,
      end,
    );
    return next?.place ?? end;
  }

  #blockAt(stream: BlockStream, place: number): Block {
    const kept = this.#kept.get(place);
    if (kept) return kept;
    const sql = 'SELECT place, at, heads, body, packed FROM blocks WHERE place = ?';
    const row = this.#reader.get<Row>(sql, place) as Row;
    const { heads, body } = unpacked(row);
    const block = { place, records: recordsOf(stream, { ...row, heads, body }), chars: body.length };
    this.#keep(block);
    return block;
  }

  #keep(block: Block): void {
    this.#kept.set(block.place, block);
    this.#keptChars += block.chars;
    for (const [place, { chars }] of this.#kept) {
      if (this.#keptChars <= keptCharsMax || place === block.place) break;
      this.#kept.delete(place);
      this.#keptChars -= chars;
    }
  }
}

function recordsOf(
  { topic, partition, base }: BlockStream,
  { place, at, heads, body }: Omit<Row, 'packed'>,
): readonly LogRecord[] {
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
