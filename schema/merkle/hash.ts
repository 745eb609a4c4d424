import { hash } from 'node:crypto';

/** Bytes of one SHA-256. */
export const HASH_BYTES = 32;

/** SHA-256 of these bytes. Asked for as text, of one character a byte, since a buffer of its own costs more than the hash itself. */
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}

/** The root of the tree without leaves (RFC 6962, 2.1). */
export const EMPTY_ROOT: Buffer = sha256(new Uint8Array(0));

/** The hash of a leaf: of a zero byte and its data (RFC 6962, 2.1). */
export function leafHash(data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(data.length + 1);
  bytes[0] = 0;
  bytes.set(data, 1);
  return sha256(bytes);
}

const leaf = Buffer.alloc(1 + HASH_BYTES);
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** The hash of an inner node: of a one byte and both children (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/** The leaf of a canon event: its data is the event's hash, so that a proof shows nothing but hashes. */
export function eventLeaf(eventHash: string): Buffer {
  if (leaf.write(eventHash, 1, 'hex') !== HASH_BYTES || eventHash.length !== 2 * HASH_BYTES)
    return leafHash(Buffer.from(eventHash, 'hex'));
  return sha256(leaf);
}
