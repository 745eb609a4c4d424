import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { hlcSchema } from '../hlc.ts';

/** Where an event came from. It decides the event's initial canon status. */
export const sources = ['SYSTEM', 'CREATOR', 'IMVU', 'EXTERNAL'] as const;
export type EventSource = (typeof sources)[number];

/** The hash that the first event of an entity names as its predecessor's. */
export const GENESIS_HASH = '0'.repeat(64);

/** Limits of one event, in characters and entries. Larger ones are refused before they are stored. */
export const eventLimits = { idMax: 128, payloadBytesMax: 65_536, causesMax: 32, sealedMax: 8 } as const;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().min(1).max(eventLimits.idMax);

/**
 * Personal fields of one subject, encrypted with AES-256-GCM under that subject's key. Nonce and ciphertext (with its
 * 16-byte tag at the end) are base64. The plaintext is the JCS form of an object of fields. The additional data is
 * `<event id>|<subject>|<key id>`, so that an envelope cannot be moved to another event.
 */
export const sealedSchema = z.strictObject({
  subject: id,
  keyId: id,
  nonce: z.string().max(64),
  ciphertext: z.string(),
});
export type SealedFields = z.infer<typeof sealedSchema>;

/** One canon event as it is stored in the log: the format of canon.md. `payload` holds public fields only. */
export const eventSchema = z.strictObject({
  id,
  type: z.string().min(1).max(64),
  typeVersion: z.int().min(1),
  hlc: hlcSchema,
  region: z.string().min(1).max(32),
  entity: z.strictObject({ type: z.string().min(1).max(64), id }),
  entityVersion: z.int().min(1),
  actor: id,
  source: z.enum(sources),
  causedBy: z.array(id).max(eventLimits.causesMax),
  handshake: z.string().max(32),
  payload: z.record(z.string(), z.unknown()),
  sealed: z.array(sealedSchema).max(eventLimits.sealedMax),
  prevHash: hex64,
  hash: hex64,
});
export type CanonEvent = z.infer<typeof eventSchema>;

/** The RFC 8785 (JCS) text of a JSON value. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a value without a JSON form cannot be canonicalised');
  return text;
}

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 over the canonical bytes of everything but the hash itself, ciphertexts included. */
export function hashEvent(event: Omit<CanonEvent, 'hash'> | CanonEvent): string {
  const { hash: _hash, ...rest } = event as CanonEvent;
  return sha256Hex(canonicalJson(rest));
}
