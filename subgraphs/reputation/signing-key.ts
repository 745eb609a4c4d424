import { type KeyObject, createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';

/** An Ed25519 private key in DER (PKCS 8, RFC 8410) is this and its 32 bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The Ed25519 key that signs what leaves the platform about reputation. It is derived from the master key (HKDF, RFC 5869), so that every instance has it and it is
 * backed up with that.
 */
export function signingKey(masterKey: Buffer): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const seed = Buffer.from(hkdfSync('sha256', masterKey, '', 'vcos reputation signing', 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
