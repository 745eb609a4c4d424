import { type KeyObject, createPublicKey, verify } from 'node:crypto';

/** Bytes of a public key. */
export const publicKeyBytes = 32;

const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The key object of 32 raw bytes. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
}

/** The 32 raw bytes of a public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
}

/** Whether a signature (RFC 8032) over the message is this key's. */
export function verifyEd25519(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, key, signature);
}
