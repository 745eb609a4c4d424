/** Ed25519 signatures over the ledger's head, day by day: with one of them nobody can cut off or rewrite what lies before it. */
import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../../schema/events/envelope.ts';
import type { SignedRoot } from '../../../schema/metrics/signed-root.ts';

type Root = Pick<SignedRoot, 'day' | 'seq' | 'hash' | 'closesEpoch'>;

function signedBytes({ day, seq, hash, closesEpoch }: Root): Buffer {
  return Buffer.from(`vcos privacy ledger root v1\n${canonicalJson({ day, seq, hash, closesEpoch })}`, 'utf8');
}

/** DER of a PKCS 8 Ed25519 private key up to its 32 secret bytes (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key of a 32-byte seed. */
export function signingKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** Signs where the ledger stands at the end of a day. TypeError for a key that is not a private Ed25519 key. */
export function signRoot(root: Root, privateKey: KeyObject): SignedRoot {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('a ledger root is signed with a private Ed25519 key');
  }
  const { day, seq, hash, closesEpoch } = root;
  return {
    day,
    seq,
    hash,
    closesEpoch,
    signature: sign(null, signedBytes(root), privateKey).toString('base64'),
    publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}

/** Whether the root is what the owner of `publicKey` (SPKI in DER, base64) signed. Never throws for a malformed signature or key. */
export function isRootSigned(root: SignedRoot, publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, signedBytes(root), key, Buffer.from(root.signature, 'base64'));
  } catch {
    return false;
  }
}
