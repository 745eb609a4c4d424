import { crc32c } from '@platformatic/kafka';
import type { Chunk } from './wire.ts';

const isTransactional = 0x10;
const magic = 2;
/** Where parts of the head of a batch begin. */
const at = { length: 8, magic: 16, crc: 17, attributes: 21, lastOffset: 23, timestamps: 27, producer: 43, records: 61 };
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
  batch.writeInt32BE(bytes - at.length - 4, at.length);
  batch.writeInt32BE(0, at.length + 4);
  batch.writeInt8(magic, at.magic);
  batch.writeInt16BE(isTransactional, at.attributes);
  batch.writeInt32BE(records.length - 1, at.lastOffset);
  batch.writeBigInt64BE(BigInt(timestampMs), at.timestamps);
  batch.writeBigInt64BE(BigInt(timestampMs), at.timestamps + 8);
  batch.writeBigInt64BE(producerId, at.producer);
  batch.writeInt16BE(epoch, at.producer + 8);
  batch.writeInt32BE(sequence, at.producer + 10);
  batch.writeInt32BE(records.length, at.producer + 14);
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
