import { type Cipheriv, createCipheriv, createHmac } from 'node:crypto';
import type { BitSource } from './domain/bit-source.ts';

const blockBytes = 256;

/** A commitment to a release's input, keyed: a plain hash of a small count could be searched. Hex. */
export function commitTo(epochKey: Buffer, releaseId: string, input: string): string {
  return createHmac('sha256', epochKey).update(`commitment\0${releaseId}\0${input}`).digest('hex');
}

/** A rank by which contributions compete for the cells of an account-day, independent of their arrival. Hex. */
export function rankOf(epochKey: Buffer, account: string, cell: string): string {
  return createHmac('sha256', epochKey).update(`rank\0${account}\0${cell}`).digest('hex');
}

/**
 * The bits of one release: HMAC-SHA256 of (epoch key, release id, commitment) keys AES-256 in counter mode. The same release of the same input has the same bits,
 * so a replay repeats its noise; another input has unrelated ones.
 */
export function keyedBits(epochKey: Buffer, releaseId: string, commitment: string): BitSource {
  const key = createHmac('sha256', epochKey).update(`noise\0${releaseId}\0${commitment}`).digest();
  const stream: Cipheriv = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  let block = Buffer.alloc(0);
  let at = 0;
  return {
    nextByte() {
      if (at === block.length) {
        block = stream.update(Buffer.alloc(blockBytes));
        at = 0;
      }
      return block[at++] as number;
    },
  };
}
