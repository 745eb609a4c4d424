import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { topics } from './topics.ts';

/**
 * The records of the topic `revocations`. Neither names anybody: a token stands there as a hash, a subject as a keyed hash, so that a
 * revocation outlives `eraseCreator` without telling who was erased.
 */
const revocation = z.discriminatedUnion('kind', [
  /** One token, until it would have expired anyhow. */
  z.strictObject({ kind: z.literal('TOKEN'), tokenId: z.string().min(1).max(64), untilMs: z.int().nonnegative() }),
  /** Every token of a subject that was issued at `issuedUntilMs` or before; forgotten when none of them can be good any more. */
  z.strictObject({
    kind: z.literal('SUBJECT'),
    subjectId: z.string().min(1).max(64),
    issuedUntilMs: z.int().nonnegative(),
    untilMs: z.int().nonnegative(),
  }),
]);
export type Revocation = z.infer<typeof revocation>;

/** A record as the log takes it. */
interface RevocationRecord {
  readonly topic: string;
  readonly key: string;
  readonly id: string;
  readonly value: string;
}

/** The key under which subjects are hashed, from the installation's master key: the same in every process that has it. */
export function revocationKeyOf(masterKey: Uint8Array): Buffer {
  return createHmac('sha256', masterKey).update('revoked subjects').digest();
}

/** Names a subject without telling who it is. `identity` is `<issuer>|<subject>`. */
export function subjectIdOf(key: Uint8Array, identity: string): string {
  return createHmac('sha256', key).update(identity).digest('base64url');
}

/**
 * Names a token by what of it is signed. Not by the whole text: its last character can be changed without breaking the signature, and the
 * revoked token would be another one.
 */
export function tokenIdOf(token: string, issuer: string, jti: string | undefined): string {
  const named = jti === undefined ? token.slice(0, token.lastIndexOf('.')) : JSON.stringify([issuer, jti]);
  return createHash('sha256').update(named).digest('base64url');
}

/** Each revocation has a key of its own: deleting one that is over cannot delete a later one of the same subject. */
export function revocationKey(what: Revocation): string {
  return what.kind === 'TOKEN' ? `token|${what.tokenId}` : `subject|${what.subjectId}|${what.issuedUntilMs}`;
}

export function revocationRecord(what: Revocation): RevocationRecord {
  const key = revocationKey(what);
  return { topic: topics.revocations.name, key, id: key, value: JSON.stringify(what) };
}

/** The revocation that a record holds; null for one that is none. */
export function readRevocation(value: string): Revocation | null {
  try {
    return revocation.safeParse(JSON.parse(value)).data ?? null;
  } catch {
    return null;
  }
}
