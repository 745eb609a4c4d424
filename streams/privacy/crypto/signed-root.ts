/** Ed25519 signatures over the ledger's head, day by day: with one of them nobody can cut off or rewrite what lies before it. */
import { type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../../schema/events/envelope.ts';
import type { LedgerHead } from '../../../schema/metrics/ledger-row.ts';

export interface LedgerRoot extends LedgerHead {
  /** The day that it closes, like `2018-03-12`. */
  readonly day: string;
}

export interface SignedRoot extends LedgerRoot {
  /** Ed25519 over the root's canonical JSON (RFC 8785) after a line that names its purpose; base64. */
  readonly signature: string;
}

function signedBytes({ day, seq, hash }: LedgerRoot): Buffer {
  return Buffer.from(`vcos privacy ledger root v1\n${canonicalJson({ day, seq, hash })}`, 'utf8');
}

/** Signs where the ledger stands at the end of a day. TypeError for a key that is not a private Ed25519 key. */
export function signRoot(root: LedgerRoot, privateKey: KeyObject): SignedRoot {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('a ledger root is signed with a private Ed25519 key');
  }
  const { day, seq, hash } = root;
  return { day, seq, hash, signature: sign(null, signedBytes(root), privateKey).toString('base64') };
}

/** Whether the root is what the key's owner signed. Never throws for a malformed signature. */
export function isRootSigned(root: SignedRoot, publicKey: KeyObject): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false;
  return verify(null, signedBytes(root), publicKey, Buffer.from(root.signature, 'base64'));
}
