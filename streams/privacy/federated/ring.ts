/** Vectors modulo 2^32, in which masks cancel. A sum of whole numbers comes out as long as it lies within ±2^31. */
import { createCipheriv, hkdfSync } from 'node:crypto';

export type RingVector = Uint32Array<ArrayBuffer>;

/** Whole numbers as a vector of the ring. */
export const toRing = (values: readonly number[]): RingVector => Uint32Array.from(values, (value) => value >>> 0);

/** The whole numbers, -2^31 to 2^31 - 1, that a vector of the ring stands for. */
export const fromRing = (vector: RingVector): readonly number[] => Array.from(vector, (value) => value | 0);

/** Adds `sign` times a vector to another, in place. */
export function accumulate(sum: RingVector, vector: RingVector, sign: 1 | -1 = 1): void {
  if (vector.length !== sum.length)
    throw new RangeError(`a vector of ${vector.length} does not fit one of ${sum.length}`);
  for (let n = 0; n < sum.length; n += 1) sum[n] = (sum[n] as number) + sign * (vector[n] as number);
}

/** A mask: the key stream of AES-256-CTR under a key that HKDF-SHA256 derives from a secret, for one round and one purpose. */
export function maskOf(secret: Uint8Array, purpose: string, length: number): RingVector {
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, 32));
  const stream = createCipheriv('aes-256-ctr', key, new Uint8Array(16)).update(new Uint8Array(4 * length));
  const mask = new Uint32Array(length);
  for (let n = 0; n < length; n += 1) mask[n] = stream.readUInt32LE(4 * n);
  return mask;
}
