/** The two sources of noise: the operating system's generator, and a keyed stream that replays after a crash. */
import { type KeyObject, createCipheriv, randomFillSync } from 'node:crypto';
import type { BitSource } from '../domain/samplers/bit-source.ts';
import { BufferedBits } from './buffered-bits.ts';
import { keyedHash } from './keyed-hash.ts';

const bufferBytes = 16_384;

/** Unrepeatable bits from the operating system's generator. */
export function systemBits(): BitSource {
  return new BufferedBits((count) => randomFillSync(new Uint8Array(count)), {
    firstBytes: bufferBytes,
    bytesMax: bufferBytes,
  });
}

const zeros = new Uint8Array(4096);
const firstBlock = new Uint8Array(16);

/**
 * The bits of one release: AES-256-CTR from block 0 under a key that HMAC-SHA256 derives from release id and input commitment. The same three
 * give the same bits, so a crash repeats the draw; another input gives unrelated ones, so two draws never tell the inputs apart. That
 * key serves this stream only, so the constant first block repeats nothing.
 */
export function keyedBits(
  epochKey: KeyObject,
  release: { readonly releaseId: string; readonly commitment: string },
): BitSource {
  const key = keyedHash(epochKey, 'noise', [release.releaseId, release.commitment]);
  const cipher = createCipheriv('aes-256-ctr', key, firstBlock);
  return new BufferedBits((count) => cipher.update(zeros.subarray(0, count)), {
    firstBytes: 64,
    bytesMax: zeros.length,
  });
}
