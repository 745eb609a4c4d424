import { z } from 'zod';
import { type KnownEvent, decodeEventRecord } from '../../../schema/events/catalogue.ts';
import {
  type CanonEvent,
  canonicalJson,
  eventSchema,
  hashCanonicalText,
  sources,
} from '../../../schema/events/envelope.ts';
import { verifyEd25519 } from '../../../schema/merkle/ed25519.ts';
import type { NoteSigner, NoteVerifier } from '../../../schema/merkle/signed-note.ts';
import { contradictions } from '../../../schema/warehouse/tables.ts';
import { chainKey } from '../domain/chain.ts';
import { claimOf } from '../domain/claim-of-event.ts';
import type { Claim } from '../domain/resolution/claim.ts';
import { standingOf } from '../domain/resolution/standing.ts';

/** One entry of a region's log, as a region holds it: the event, or in its place a stub where it is bound to another region. */
export interface Entry {
  /** Canonical text of the event or of its stub. */
  readonly text: string;
  /** Of a stub: with an empty payload and nothing sealed. */
  readonly event: KnownEvent;
  readonly stored: CanonEvent;
  readonly claim: Claim;
  readonly isStub: boolean;
  /** The region that the event must not leave; null where it may go anywhere. */
  readonly boundTo: string | null;
}

/** Why a text is no entry; the message names fields, never values. */
export class EntryError extends Error {
  override readonly name = 'EntryError';
}

const boundKey = /^bound:([^:]{1,32}):/;

/** The key id under which a subject's fields are sealed where neither they nor the payload beside them may leave a region. */
export function boundKeyId(region: string, keyId: string): string {
  return `bound:${region}:${keyId}`;
}

/** The region that an event must not leave; null for most. */
function boundRegion({ sealed }: Pick<CanonEvent, 'sealed'>): string | null {
  return sealed.map(({ keyId }) => boundKey.exec(keyId)?.[1]).find((region) => region !== undefined) ?? null;
}

/** What resolution needs to know of an event beside its header, without its payload. */
const claimFacts = z.strictObject({
  leavesAlive: z.boolean().nullable(),
  owners: z.array(z.string()).nullable(),
  needsOwner: z.boolean(),
  isHighValue: z.boolean(),
  objections: z.array(z.strictObject({ kind: z.enum(contradictions), reason: z.string() })),
});

const { payload: _payload, sealed: _sealed, ...headerShape } = eventSchema.shape;
const stubSchema = z.strictObject({
  stub: z.strictObject({
    boundTo: z.string().min(1).max(32),
    header: z.strictObject({ ...headerShape, source: z.enum(sources) }),
    facts: claimFacts,
  }),
  /** Ed25519 over the canonical text of `stub`, by the region that holds the event, base64: the hash cannot be recomputed from a stub. */
  attestation: z.string().max(128),
});

const stubMessage = (stub: object): Buffer => Buffer.from(`vcos canon stub v1\n${canonicalJson(stub)}`);

/** What other regions get in place of an event that is bound to this one: its header and hash, no payload and no ciphertext. */
export function stubOf(entry: Entry, signer: Pick<NoteSigner, 'sign'>): Entry {
  if (entry.boundTo === null || entry.isStub) return entry;
  const { payload: _p, sealed: _s, ...header } = entry.stored;
  const { leavesAlive, owners, needsOwner, isHighValue, objections } = entry.claim;
  const stub = {
    boundTo: entry.boundTo,
    header,
    facts: { leavesAlive, owners, needsOwner, isHighValue, objections },
  };
  const attestation = signer.sign(stubMessage(stub)).toString('base64');
  return entryOfStub(canonicalJson({ stub, attestation }), stubSchema.parse({ stub, attestation }));
}

function entryOfStub(text: string, { stub }: z.infer<typeof stubSchema>): Entry {
  const { header, facts, boundTo } = stub;
  const stored: CanonEvent = { ...header, payload: {}, sealed: [] };
  const { id, entityVersion, hlc, prevHash, hash, actor, source, causedBy } = header;
  const claim: Claim = {
    id,
    entity: chainKey(header.entity),
    version: entityVersion,
    hlc,
    prevHash,
    hash,
    actor,
    source,
    standing: standingOf(header),
    causedBy,
    content: hash,
    epoch: 0,
    ...facts,
  };
  return { text, event: stored as unknown as KnownEvent, stored, claim, isStub: true, boundTo };
}

/** Reads an event or a stub and checks it against its own hash or its attestation. Throws {@link EntryError}. */
export function readEntry(text: string, keyOf: (region: string) => NoteVerifier | undefined): Entry {
  return text.startsWith('{"attestation":') ? readStub(text, keyOf) : readEvent(text);
}

function readEvent(text: string): Entry {
  const decoded = decodeEventRecord(text);
  if (decoded.kind === 'undecodable') throw new EntryError(decoded.reason);
  if (decoded.kind === 'tick') throw new EntryError('(whole): is a tick, not an event');
  const { event, stored } = decoded;
  if (canonicalJson(stored) !== text) throw new EntryError('(whole): is not the canonical text of an event');
  if (hashCanonicalText(text, stored.hash) !== stored.hash)
    throw new EntryError('hash: is not the hash of the event’s canonical bytes');
  const boundTo = boundRegion(stored);
  return { text, event, stored, claim: boundTo === null ? claimOf(event) : boundClaim(event), isStub: false, boundTo };
}

/** Everybody judges a bound event by the same facts, so its reasons quote nothing of what stays at home. */
function boundClaim(event: KnownEvent): Claim {
  const { begins: _begins, ...rest } = claimOf(event);
  const { type, source } = event;
  const claim: Claim = { ...rest, standing: standingOf({ type, source }) };
  return { ...claim, objections: claim.objections.map(({ kind }) => ({ kind, reason: 'breaks a rule by itself' })) };
}

function readStub(text: string, keyOf: (region: string) => NoteVerifier | undefined): Entry {
  const parsed = stubSchema.safeParse(parseJson(text));
  if (!parsed.success || canonicalJson(parsed.data) !== text)
    throw new EntryError('(whole): is not the canonical text of a stub');
  const { stub, attestation } = parsed.data;
  const verifier = keyOf(stub.boundTo);
  if (!verifier) throw new EntryError('stub.boundTo: is not a region of this platform');
  if (!verifyEd25519(verifier.key, stubMessage(stub), Buffer.from(attestation, 'base64')))
    throw new EntryError('attestation: is not a signature of the region that the event is bound to');
  return entryOfStub(text, parsed.data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
