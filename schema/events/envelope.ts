import { hash } from 'node:crypto';
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

/** The RFC 8785 (JCS) text of a JSON value. Throws a TypeError for what has no JSON form. */
export function canonicalJson(value: unknown): string {
  // The engine's own writer gives the same text where keys are in order already, as they are in whatever was read from canonical text.
  if (isPlainInOrder(value)) return JSON.stringify(value);
  const text = canonicalText(value);
  if (text === undefined) throw new TypeError('a value without a JSON form cannot be canonicalised');
  return text;
}

/** Whether a value is made of texts, finite numbers, truth values, null, lists and objects with their keys in order, and of nothing else. */
function isPlainInOrder(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (!isPlainInOrder(value[at])) return false;
    return true;
  }
  const members = value as Readonly<Record<string, unknown>>;
  let last = '';
  for (const key of Object.keys(members)) {
    if (key < last || !isPlainInOrder(members[key])) return false;
    last = key;
  }
  return !('toJSON' in members);
}

/** As `JSON.stringify` writes it, keys in the order of their UTF-16 code units; undefined for what `JSON.stringify` leaves out. */
function canonicalText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no JSON form');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return undefined;
  }
}

function objectText(value: object): string | undefined {
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return canonicalText((value as { toJSON(): unknown }).toJSON());
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalText(item) ?? 'null').join(',')}]`;
  const members = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of sortedKeys(members)) {
    const member = canonicalText(members[key]);
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${member}`;
  }
  return `{${text}}`;
}

/** What comes from canonical text is in order already: looking is cheaper than sorting. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  for (let at = 1; at < keys.length; at += 1) {
    if ((keys[at - 1] as string) > (keys[at] as string)) return keys.sort();
  }
  return keys;
}

/** Lower-case hex SHA-256 of a text's UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** SHA-256 over the canonical bytes of everything but the hash itself, ciphertexts included. */
export function hashEvent(event: Omit<CanonEvent, 'hash'> | CanonEvent): string {
  return sha256Hex(canonicalJson('hash' in event ? { ...event, hash: undefined } : event));
}

/**
 * The same, from an event's whole canonical text. Its `hash` is cut out where it stands: no key before it in the order of keys can hold the
 * same characters, since quotation marks within texts are escaped.
 */
export function hashCanonicalText(text: string, eventHash: string): string {
  return sha256Hex(text.replace(`"hash":"${eventHash}",`, ''));
}
