/**
 * Sums of numbers that stay encrypted while they are added (Paillier 1999): parties encrypt under the public key of a key holder, anybody multiplies the ciphertexts, the key holder decrypts the total alone.
 *
 * It fits two or three parties with short vectors and no drop-outs, where whoever adds and whoever decrypts are different and do not work together. It does not fit thousands of clients (each number costs milliseconds
 * and hundreds of bytes; secure aggregation costs microseconds), it does not prove that an input is honest, and it hides nothing about the total: noise is added before encryption. The library computes with
 * BigInt, which is not constant-time: keys belong on machines whose timing no stranger can measure.
 */
import { type PrivateKey, type PublicKey, generateRandomKeys } from 'paillier-bigint';

/** Bits of the modulus that NIST SP 800-57 asks for until 2030 and beyond. */
const modulusBitsMin = 2_048;
/** Each number gets a slot of this width in a plaintext, so that a ciphertext carries many. */
const slotBits = 64n;
/** Numbers lie within ±2^47, and at most 2^16 vectors are added: no slot runs over into the next. */
const valueMax = 2 ** 47;
const partiesMax = 2 ** 16;
const offset = BigInt(valueMax);
const slotMask = (1n << slotBits) - 1n;

export class EncryptedSumError extends Error {
  override readonly name = 'EncryptedSumError';
}

/** An encrypted vector, plain JSON. */
export interface EncryptedVector {
  /** The key's modulus, in hex: vectors under different keys cannot be added. */
  readonly modulus: string;
  readonly length: number;
  /** How many vectors are in it. */
  readonly parties: number;
  /** In hex. */
  readonly ciphertexts: readonly string[];
}

export interface SumKeys {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey;
}

/** Keys of a key holder. RangeError for a modulus below 2,048 bits, but for tests that say so. */
export async function makeSumKeys(
  options: { readonly modulusBits?: number; readonly weakForTests?: boolean } = {},
): Promise<SumKeys> {
  const { modulusBits = modulusBitsMin, weakForTests = false } = options;
  if (modulusBits < modulusBitsMin && !weakForTests)
    throw new RangeError(`a modulus needs at least ${modulusBitsMin} bits`);
  return generateRandomKeys(modulusBits, true);
}

const slotsOf = (key: PublicKey): number => Math.floor((key.bitLength - 1) / Number(slotBits));
const modulusOf = (key: PublicKey): string => key.n.toString(16);

/** Encrypts whole numbers. Throws {@link EncryptedSumError} for a number beyond ±2^47. */
export function encryptVector(key: PublicKey, values: readonly number[]): EncryptedVector {
  if (values.some((value) => !Number.isSafeInteger(value) || Math.abs(value) >= valueMax))
    throw new EncryptedSumError('only whole numbers within ±2^47 can be added');
  const slots = slotsOf(key);
  const ciphertexts = Array.from({ length: Math.ceil(values.length / slots) }, (_, n) => {
    const packed = values
      .slice(n * slots, (n + 1) * slots)
      .reduceRight((sum, value) => (sum << slotBits) | (BigInt(value) + offset), 0n);
    return key.encrypt(packed).toString(16);
  });
  return { modulus: modulusOf(key), length: values.length, parties: 1, ciphertexts };
}

function read(key: PublicKey, vector: EncryptedVector): readonly bigint[] {
  const { modulus, length, ciphertexts, parties } = vector;
  if (modulus !== modulusOf(key)) throw new EncryptedSumError('the vector is encrypted under another key');
  if (ciphertexts.length !== Math.ceil(length / slotsOf(key)) || !(parties >= 1 && parties <= partiesMax))
    throw new EncryptedSumError('the vector does not have the number of ciphertexts that its length needs');
  return ciphertexts.map((text) => {
    const value = /^[0-9a-f]+$/.test(text) ? BigInt(`0x${text}`) : 0n;
    // Beyond the ring, or sharing a factor with n, it is no ciphertext; the latter would give the key away.
    if (value <= 0n || value >= key._n2 || gcd(value, key.n) !== 1n)
      throw new EncryptedSumError('a ciphertext is outside the key’s ring');
    return value;
  });
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** The encrypted sum of encrypted vectors; needs no secret. Throws {@link EncryptedSumError} where they do not fit each other. */
export function addEncrypted(key: PublicKey, vectors: readonly EncryptedVector[]): EncryptedVector {
  const [first] = vectors;
  if (!first) throw new EncryptedSumError('there is nothing to add');
  const stray = vectors.find(({ length }) => length !== first.length);
  if (stray) throw new EncryptedSumError(`a vector of ${stray.length} cannot be added to one of ${first.length}`);
  const parties = vectors.reduce((sum, vector) => sum + vector.parties, 0);
  if (parties > partiesMax) throw new EncryptedSumError(`at most ${partiesMax} vectors can be added`);
  const rows = vectors.map((vector) => read(key, vector));
  const ciphertexts = first.ciphertexts.map((_, n) =>
    key.addition(...rows.map((row) => row[n] as bigint)).toString(16),
  );
  return { modulus: first.modulus, length: first.length, parties, ciphertexts };
}

/** The sum in the clear, by whoever holds the key. */
export function decryptVector({ publicKey, privateKey }: SumKeys, vector: EncryptedVector): readonly number[] {
  const slots = slotsOf(publicKey);
  const packed = read(publicKey, vector).map((ciphertext) => privateKey.decrypt(ciphertext));
  return Array.from({ length: vector.length }, (_, n) => {
    const slot = ((packed[Math.floor(n / slots)] ?? 0n) >> (slotBits * BigInt(n % slots))) & slotMask;
    return Number(slot - offset * BigInt(vector.parties));
  });
}
