import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { GraphNode, GraphReader, GraphTransaction } from '../../engines/graph-store/port.ts';
import { type SealedFields, canonicalJson } from '../../schema/events/envelope.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

function encrypt(key: Buffer, plain: Buffer, additional: string): { nonce: Buffer; ciphertext: Buffer } {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(additional));
  return { nonce, ciphertext: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
}

/** Throws when the key, the additional data or a byte is another. */
function decrypt(key: Buffer, nonce: Buffer, ciphertext: Buffer, additional: string): Buffer {
  const decipher = createDecipheriv(algorithm, key, nonce).setAAD(Buffer.from(additional));
  decipher.setAuthTag(ciphertext.subarray(-tagBytes));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagBytes)), decipher.final()]);
}

interface SubjectKey {
  readonly keyId: string;
  readonly key: Buffer;
}

function unwrap(masterKey: Buffer, keyId: string, wrapped: string): Buffer {
  const bytes = Buffer.from(wrapped, 'base64');
  return decrypt(masterKey, bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes), keyId);
}

/** The subject's key, made in this transaction when there is none yet. */
async function keyOf(tx: GraphTransaction, masterKey: Buffer, subject: string, nowIso: string): Promise<SubjectKey> {
  const [known] = await tx.findUnique('SubjectKey', 'subject', [subject]);
  if (known) return { keyId: known.props.keyId, key: unwrap(masterKey, known.props.keyId, known.props.wrapped) };
  if (await isErased(tx, subject)) throw new ErasedSubjectError(subject);
  const keyId = randomUUID();
  const key = randomBytes(32);
  const { nonce, ciphertext } = encrypt(masterKey, key, keyId);
  await tx.put({
    type: 'SubjectKey',
    id: keyId,
    expectedVersion: 0,
    props: { subject, keyId, wrapped: Buffer.concat([nonce, ciphertext]).toString('base64'), createdAt: nowIso },
  });
  return { keyId, key };
}

/** A subject was erased while something was about to be written for them: a new key would begin them anew. */
export class ErasedSubjectError extends Error {
  override readonly name = 'ErasedSubjectError';
  readonly subject: string;
  constructor(subject: string) {
    super('this creator has been erased: nothing can be sealed for them any more');
    this.subject = subject;
  }
}

/** The `identity` of a creator who was erased: no login has it. */
export function erasedIdentity(creatorId: string): string {
  return `erased|${creatorId}`;
}

/** Whether nothing but an id is left of a creator: nothing new may be said of them. */
export function isErasedCreator({ id, props }: GraphNode<'Creator'>): boolean {
  return props.identity === erasedIdentity(id);
}

/** Whether a creator was erased: nothing of theirs is written any more. */
export async function isErased(tx: GraphReader, subject: string): Promise<boolean> {
  const [creator] = await tx.get('Creator', [subject]);
  return creator != null && isErasedCreator(creator);
}

/** Destroys a subject's key for good; null where there is none. Its sealed fields cannot be read from the commit on. */
export async function destroyKey(tx: GraphTransaction, subject: string): Promise<{ readonly keyId: string } | null> {
  const [known] = await tx.findUnique('SubjectKey', 'subject', [subject]);
  if (!known) return null;
  await tx.remove('SubjectKey', known.id);
  return { keyId: known.props.keyId };
}

function additionalData(eventId: string, subject: string, keyId: string): string {
  return `${eventId}|${subject}|${keyId}`;
}

/** Encrypts each subject's personal fields of one event under that subject's key (AES-256-GCM; canon.md). */
export async function sealFields(
  tx: GraphTransaction,
  options: {
    masterKey: Buffer;
    eventId: string;
    nowIso: string;
    personal: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  },
): Promise<SealedFields[]> {
  const sealed: SealedFields[] = [];
  for (const [subject, fields] of Object.entries(options.personal)) {
    const { keyId, key } = await keyOf(tx, options.masterKey, subject, options.nowIso);
    const { nonce, ciphertext } = encrypt(
      key,
      Buffer.from(canonicalJson(fields)),
      additionalData(options.eventId, subject, keyId),
    );
    sealed.push({ subject, keyId, nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64') });
  }
  return sealed;
}

/** The personal fields of one envelope; null once the subject's key is destroyed. Throws when the envelope was tampered with. */
export async function openSealed(
  reader: GraphReader,
  masterKey: Buffer,
  eventId: string,
  sealed: SealedFields,
): Promise<Record<string, unknown> | null> {
  const [known] = await reader.get('SubjectKey', [sealed.keyId]);
  if (!known) return null;
  const key = unwrap(masterKey, known.props.keyId, known.props.wrapped);
  const plain = decrypt(
    key,
    Buffer.from(sealed.nonce, 'base64'),
    Buffer.from(sealed.ciphertext, 'base64'),
    additionalData(eventId, sealed.subject, sealed.keyId),
  );
  return JSON.parse(plain.toString('utf8')) as Record<string, unknown>;
}
