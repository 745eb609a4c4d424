import { Reader, crc32c, readRecordsBatch } from '@platformatic/kafka';
import { type Chunk, WireError, type WireRecord } from './wire.ts';

const isCompressed = 0x07;
const isLogAppendTime = 0x08;
const isTransactional = 0x10;
const isControl = 0x20;
const magic = 2;
/** Where parts of the head of a batch begin. What `length` counts begins behind it. */
const at = {
  length: 8,
  counted: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffset: 23,
  times: 27,
  producer: 43,
  count: 57,
  records: 61,
};
/** That there is one header, and its name: `id`. Numbers are doubled, see {@link zigzag}. */
const header = [2, 4, 0x69, 0x64] as const;
/** Attributes, and the delta of a time that all records share. */
const fixedBytes = 2 + header.length;

export interface BatchOf {
  readonly timestampMs: number;
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * The records of a transaction as one batch of Kafka's format 2 (KIP-98): the bytes that `@platformatic/kafka` would make of them, written once into one buffer. The
 * library makes four buffers and as many objects of every record.
 */
export function encodeBatch(records: Chunk['records'], { timestampMs, producerId, epoch, sequence }: BatchOf): Buffer {
  const { bytes, lengths } = measure(records);
  const batch = Buffer.allocUnsafe(bytes);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(bytes - at.counted, at.length);
  batch.writeInt32BE(0, at.counted);
  batch.writeInt8(magic, at.magic);
  batch.writeInt16BE(isTransactional, at.attributes);
  batch.writeInt32BE(records.length - 1, at.lastOffset);
  batch.writeBigInt64BE(BigInt(timestampMs), at.times);
  batch.writeBigInt64BE(BigInt(timestampMs), at.times + 8);
  batch.writeBigInt64BE(producerId, at.producer);
  batch.writeInt16BE(epoch, at.producer + 8);
  batch.writeInt32BE(sequence, at.producer + 10);
  batch.writeInt32BE(records.length, at.count);
  let end = at.records;
  for (let n = 0; n < records.length; n++) end = writeRecord(batch, end, { record: records[n] as Written, n, lengths });
  batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc);
  return batch;
}

type Written = Chunk['records'][number];

/** Four numbers a record: its own length, those of its key, its value (-1 for none) and its id, all in bytes. */
const numbersPerRecord = 4;

function measure(records: Chunk['records']): { readonly bytes: number; readonly lengths: Int32Array } {
  const lengths = new Int32Array(numbersPerRecord * records.length);
  let bytes = at.records;
  for (let n = 0; n < records.length; n++) {
    const { key, value, id } = records[n] as Written;
    const [keyBytes, idBytes] = [Buffer.byteLength(key), Buffer.byteLength(id)];
    const valueBytes = value === null ? -1 : Buffer.byteLength(value);
    const length =
      fixedBytes +
      sizeOf(n) +
      sizeOf(keyBytes) +
      keyBytes +
      sizeOf(valueBytes) +
      Math.max(0, valueBytes) +
      sizeOf(idBytes) +
      idBytes;
    lengths.set([length, keyBytes, valueBytes, idBytes], numbersPerRecord * n);
    bytes += sizeOf(length) + length;
  }
  return { bytes, lengths };
}

function writeRecord(
  batch: Buffer,
  start: number,
  { record, n, lengths }: { readonly record: Written; readonly n: number; readonly lengths: Int32Array },
): number {
  const first = numbersPerRecord * n;
  let end = writeNumber(batch, start, lengths[first] as number);
  batch[end++] = 0;
  batch[end++] = 0;
  end = writeNumber(batch, end, n);
  end = writeNumber(batch, end, lengths[first + 1] as number);
  end += batch.write(record.key, end);
  end = writeNumber(batch, end, lengths[first + 2] as number);
  if (record.value !== null) end += batch.write(record.value, end);
  for (const byte of header) batch[end++] = byte;
  end = writeNumber(batch, end, lengths[first + 3] as number);
  return end + batch.write(record.id, end);
}

/** Bytes of a number as {@link writeNumber} writes it. */
function sizeOf(value: number): number {
  let size = 1;
  for (let rest = zigzag(value) >>> 7; rest !== 0; rest >>>= 7) size++;
  return size;
}

/** Seven bits a byte, the lowest first; the sign in the lowest of all. */
function writeNumber(batch: Buffer, start: number, value: number): number {
  let end = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest >>>= 7) batch[end++] = (rest & 0x7f) | 0x80;
  batch[end++] = rest;
  return end;
}

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** A batch as a broker gives it. */
export interface FetchedBatch {
  /** Of its first record, which compaction may have removed. */
  readonly offset: number;
  /** The offset behind its last, removed or not. */
  readonly end: number;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControl: boolean;
  /** Reads them. Throws {@link WireError} where the batch is not what was written. */
  records(): readonly WireRecord[];
}

/**
 * What a fetch brought of the partition that `where` names. The answer's limit may have cut the last batch off: it is left out, and comes whole where it is the first of the only
 * partition that was asked for (KIP-74). Throws {@link WireError} where a length cannot be one: no checksum covers it.
 */
export function decodeBatches(bytes: Buffer, where: string, isOnly: boolean): readonly FetchedBatch[] {
  const batches: FetchedBatch[] = [];
  const wrong = (how: string): WireError => {
    const behind = batches.at(-1)?.end ?? 'what was read before';
    return new WireError('CORRUPT_MESSAGE', `a batch of ${where}, behind ${behind}, is ${how}`);
  };
  let start = 0;
  while (start + at.counted <= bytes.length) {
    const end = start + at.counted + bytes.readInt32BE(start + at.length);
    if (end < start + at.records) throw wrong('shorter than its own head');
    if (end > bytes.length) break;
    batches.push(decodeBatch(bytes.subarray(start, end), where));
    start = end;
  }
  if (isOnly && start === 0 && bytes.length > 0) throw wrong('longer than what came of it');
  return batches;
}

function decodeBatch(batch: Buffer, where: string): FetchedBatch {
  const offset = Number(batch.readBigInt64BE(0));
  const attributes = batch.readInt16BE(at.attributes);
  return {
    offset,
    end: offset + batch.readInt32BE(at.lastOffset) + 1,
    producerId: String(batch.readBigInt64BE(at.producer)),
    inTransaction: (attributes & isTransactional) !== 0,
    isControl: (attributes & isControl) !== 0,
    records() {
      if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc))
        throw new WireError(
          'CORRUPT_MESSAGE',
          `the batch at offset ${offset} of ${where} has another checksum than when it was written`,
        );
      return (attributes & isCompressed) === 0 ? plainRecords(batch, offset) : unpackedRecords(batch, offset);
    },
  };
}

/** The time of all records where the broker stamps them; null where each has its own. */
function appendTime(batch: Buffer): number | null {
  const isStamped = (batch.readInt16BE(at.attributes) & isLogAppendTime) !== 0;
  return isStamped ? Number(batch.readBigInt64BE(at.times + 8)) : null;
}

function plainRecords(batch: Buffer, first: number): readonly WireRecord[] {
  const stampedMs = appendTime(batch);
  const firstMs = Number(batch.readBigInt64BE(at.times));
  const reader = new RecordReader(batch, at.records);
  return Array.from({ length: batch.readInt32BE(at.count) }, () => {
    reader.skipHead();
    const ownMs = firstMs + reader.long();
    const offset = first + reader.number();
    const key = reader.text() ?? '';
    const value = reader.text();
    return { offset, key, id: reader.id(), value, appendedAtMs: stampedMs ?? ownMs };
  });
}

/** Others may write compressed batches: the library knows how to read them. */
function unpackedRecords(batch: Buffer, first: number): readonly WireRecord[] {
  const stampedMs = appendTime(batch);
  const { records, firstTimestamp } = readRecordsBatch(Reader.from(batch));
  return records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
    offset: first + offsetDelta,
    key: key?.toString() ?? '',
    id: headers.find(([name]) => name?.toString() === 'id')?.[1]?.toString() ?? '',
    value: value?.toString() ?? null,
    appendedAtMs: stampedMs ?? Number(firstTimestamp + timestampDelta),
  }));
}

/** Reads the fields of records one after the other. */
class RecordReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  /** A record's length, and its attributes, which mean nothing yet. */
  skipHead(): void {
    this.number();
    this.#at += 1;
  }

  /** What {@link writeNumber} writes. */
  number(): number {
    let value = 0;
    let byte = 0x80;
    for (let bits = 0; byte > 0x7f; bits += 7) {
      byte = this.#bytes[this.#at++] as number;
      value |= (byte & 0x7f) << bits;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** The same for numbers of more than 32 bits, such as differences of times. */
  long(): number {
    let value = 0;
    let byte = 0x80;
    for (let unit = 1; byte > 0x7f; unit *= 0x80) {
      byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * unit;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string | null {
    const length = this.number();
    if (length < 0) return null;
    const start = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', start, this.#at);
  }

  /** The value of the header `id`; empty where there is none. */
  id(): string {
    let id = '';
    for (let left = this.number(); left > 0; left -= 1) {
      const name = this.text();
      const value = this.text();
      if (name === 'id') id = value ?? '';
    }
    return id;
  }
}
