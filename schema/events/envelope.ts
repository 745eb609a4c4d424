import { hash } from 'node:crypto';
import { z } from 'zod';
import { hlcSchema } from '../hlc.ts';
import { parseExactly } from './exact-json.ts';

/**
 * Where an event came from. It decides the event's initial canon status, and how far it is trusted where others contradict it. VERIFIED_CREATOR is a creator whose trust
 * level was VERIFIED or higher when the event was accepted; events from before there was such a source say CREATOR, and are read as that.
 */
export const sources = ['SYSTEM', 'CREATOR', 'VERIFIED_CREATOR', 'IMVU', 'EXTERNAL'] as const;
export type EventSource = (typeof sources)[number];

/** Whether a person did it, however far they are trusted. */
export function isOfCreator(source: EventSource): boolean {
  return source === 'CREATOR' || source === 'VERIFIED_CREATOR';
}

/** The hash that the first event of an entity names as its predecessor's. */
export const GENESIS_HASH = '0'.repeat(64);

/** Limits of one event, in characters and entries. Larger ones are refused before they are stored. */
export const eventLimits = { idMax: 128, payloadBytesMax: 65_536, causesMax: 32, sealedMax: 8 } as const;

const hex64Pattern = /^[0-9a-f]{64}$/;
const hex64 = z.string().regex(hex64Pattern);
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

const eventKeys = Object.keys(eventSchema.shape).length;

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;
const isWhole = (value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
const isHex64 = (value: unknown): boolean => typeof value === 'string' && hex64Pattern.test(value);
const hasKeys = (value: object, count: number): boolean => Object.keys(value).length === count;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether what `JSON.parse` gave is an event: exactly what {@link eventSchema} takes, at a fraction of its price, which the canon processor pays for every event. The
 * schema is asked for what does not fit (and for payloads with a `__proto__`, which it drops).
 */
export function isEvent(json: unknown): json is CanonEvent {
  if (!isObject(json) || !hasKeys(json, eventKeys)) return false;
  const { hlc, entity, causedBy, sealed, payload } = json;
  return (
    isText(json['id'], eventLimits.idMax) &&
    isText(json['type'], 64) &&
    isWhole(json['typeVersion'], 1) &&
    isObject(hlc) &&
    hasKeys(hlc, 3) &&
    isWhole(hlc['wallUs'], 0) &&
    isWhole(hlc['counter'], 0, 65_535) &&
    isText(hlc['node'], 64) &&
    isText(json['region'], 32) &&
    isObject(entity) &&
    hasKeys(entity, 2) &&
    isText(entity['type'], 64) &&
    isText(entity['id'], eventLimits.idMax) &&
    isWhole(json['entityVersion'], 1) &&
    isText(json['actor'], eventLimits.idMax) &&
    (sources as readonly unknown[]).includes(json['source']) &&
    Array.isArray(causedBy) &&
    causedBy.length <= eventLimits.causesMax &&
    causedBy.every((cause) => isText(cause, eventLimits.idMax)) &&
    typeof json['handshake'] === 'string' &&
    json['handshake'].length <= 32 &&
    isObject(payload) &&
    !Object.hasOwn(payload, '__proto__') &&
    Array.isArray(sealed) &&
    sealed.length <= eventLimits.sealedMax &&
    sealed.every(isSealed) &&
    isHex64(json['prevHash']) &&
    isHex64(json['hash'])
  );
}

/** The event with its keys in the order in which {@link eventSchema} gives them: what is written of it (state, outputs) must not depend on which of the two let it in. */
export function inSchemaOrder(event: CanonEvent): CanonEvent {
  const { hlc, entity, sealed } = event;
  return {
    id: event.id,
    type: event.type,
    typeVersion: event.typeVersion,
    hlc: { wallUs: hlc.wallUs, counter: hlc.counter, node: hlc.node },
    region: event.region,
    entity: { type: entity.type, id: entity.id },
    entityVersion: event.entityVersion,
    actor: event.actor,
    source: event.source,
    causedBy: event.causedBy,
    handshake: event.handshake,
    payload: event.payload,
    sealed: sealed.map(({ subject, keyId, nonce, ciphertext }) => ({ subject, keyId, nonce, ciphertext })),
    prevHash: event.prevHash,
    hash: event.hash,
  };
}

function isSealed(value: unknown): boolean {
  return (
    isObject(value) &&
    hasKeys(value, 4) &&
    isText(value['subject'], eventLimits.idMax) &&
    isText(value['keyId'], eventLimits.idMax) &&
    typeof value['nonce'] === 'string' &&
    value['nonce'].length <= 64 &&
    typeof value['ciphertext'] === 'string'
  );
}

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
  // What inherits from elsewhere may say itself what it is in JSON.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  let last = '';
  // Not over a list of the keys: this is done for every event, and several times.
  for (const key in value) {
    if (key < last || key === 'toJSON' || !isPlainInOrder((value as Readonly<Record<string, unknown>>)[key]))
      return false;
    last = key;
  }
  return true;
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

/**
 * An event with its hash, and its whole canonical text, written once for both: the hash goes in before `hlc`, which no key or text before it can hold
 * (quotation marks within texts are escaped).
 */
export function completeEvent(draft: Omit<CanonEvent, 'hash'>): { readonly event: CanonEvent; readonly text: string } {
  const { hlc, entity } = draft;
  // In the order of keys already, so that the engine's own writer can be used.
  const text = canonicalJson({
    actor: draft.actor,
    causedBy: draft.causedBy,
    entity: { id: entity.id, type: entity.type },
    entityVersion: draft.entityVersion,
    handshake: draft.handshake,
    hlc: { counter: hlc.counter, node: hlc.node, wallUs: hlc.wallUs },
    id: draft.id,
    payload: inOrder(draft.payload),
    prevHash: draft.prevHash,
    region: draft.region,
    sealed: draft.sealed.length === 0 ? draft.sealed : inOrder(draft.sealed),
    source: draft.source,
    type: draft.type,
    typeVersion: draft.typeVersion,
  });
  const hash = sha256Hex(text);
  const at = text.indexOf('"hlc":');
  return { event: { ...draft, hash }, text: `${text.slice(0, at)}"hash":"${hash}",${text.slice(at)}` };
}

/** The same JSON value, its keys in order where it can have them so (whole numbers come first in any object). */
function inOrder(value: unknown): unknown {
  return isPlainInOrder(value) ? value : parseExactly(canonicalJson(value));
}
