/**
 * The partition of a key as Kafka's default partitioner chooses it (murmur2 of the UTF-8 bytes, sign bit dropped), so that every engine
 * places a key alike.
 */
export function partitionOf(key: string, partitions: number): number {
  return partitions === 1 ? 0 : (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}

const m = 0x5bd1e995;
const seed = 0x9747b28c;

/** Kafka's `Utils.murmur2`: the hash as a signed 32-bit number. */
export function murmur2(data: Buffer): number {
  const { length } = data;
  let h = seed ^ length;
  const tail = length & ~3;
  for (let i = 0; i < tail; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  if (length > tail) {
    let rest = 0;
    for (let i = length - 1; i >= tail; i--) rest = (rest << 8) | data.readUInt8(i);
    h = Math.imul(h ^ rest, m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
