import {
  type EventType,
  type EventTypeSpec,
  eventTypes,
  explainZodError,
  upcastPayload,
} from '../../../schema/events/catalogue.ts';
import { canonicalJson } from '../../../schema/events/envelope.ts';
import { parseExactly } from '../../../schema/events/exact-json.ts';
import {
  type Claim,
  type RefusalCode,
  claimBytesMax,
  claimDepthMax,
  claimSchema,
  claimSignatureHead,
} from '../../../schema/events/types/claim.ts';
import { ed25519PublicKey, publicKeyBytes, verifyEd25519 } from '../../../schema/merkle/ed25519.ts';
import { nestsDeeper } from '../../../schema/nesting.ts';
import { findIllFormed, illFormed } from '../../../schema/text-limits.ts';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export type SubmissionDecision =
  | { readonly kind: 'accepted'; readonly claim: Claim; readonly isKnown: boolean }
  | { readonly kind: 'repeated'; readonly eventId: string }
  | ({ readonly kind: 'refused' } & Refusal);

export interface Submission {
  /** The claim's canonical text. */
  readonly claim: string;
  /** Base64. */
  readonly signature: string;
}

const refuse = (code: RefusalCode, message: string): SubmissionDecision => ({ kind: 'refused', code, message });

/** Whether these bytes are an Ed25519 public key, base64. */
export function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === publicKeyBytes && bytes.toString('base64') === text;
}

function signatureHolds({ claim, signature }: Submission, publicKey: string): boolean {
  const key = ed25519PublicKey(Buffer.from(publicKey, 'base64'));
  return verifyEd25519(key, Buffer.from(claimSignatureHead + claim), Buffer.from(signature, 'base64'));
}

/** The claim in a text; or why it is none. */
export function readClaim(text: string): { readonly claim: Claim } | Refusal {
  if (Buffer.byteLength(text) > claimBytesMax)
    return { code: 'CLAIM_TOO_LARGE', message: `a claim has at most ${claimBytesMax} bytes` };
  let json: unknown;
  try {
    json = parseExactly(text);
  } catch {
    return { code: 'CLAIM_MALFORMED', message: 'claim: is not JSON' };
  }
  const problem = problemIn(json);
  if (problem !== null) return { code: 'CLAIM_MALFORMED', message: `claim: ${problem}` };
  const parsed = claimSchema.safeParse(json);
  if (!parsed.success) return { code: 'CLAIM_MALFORMED', message: `claim: ${explainZodError(parsed.error)}` };
  if (canonicalJson(json) !== text)
    return { code: 'CLAIM_MALFORMED', message: 'claim: is not canonical JSON (RFC 8785)' };
  const { entity, payload } = parsed.data;
  if (entity.id.includes('\0'))
    return { code: 'CLAIM_MALFORMED', message: 'claim: entity.id: must not hold the character U+0000' };
  // The schema drops it, so that what is recorded would not be what the signature is of.
  if (Object.hasOwn((json as Claim).payload, '__proto__') && !Object.hasOwn(payload, '__proto__'))
    return { code: 'CLAIM_MALFORMED', message: 'claim: payload: must not have the key __proto__' };
  return { claim: parsed.data };
}

/** Why a JSON value has no canonical text, or none that everybody can write; null where it has one. */
function problemIn(json: unknown): string | null {
  // First, since everything else goes down as deep as the value does.
  if (nestsDeeper(json, claimDepthMax)) return `is nested more than ${claimDepthMax} levels deep`;
  const broken = findIllFormed(json);
  if (broken) return `${broken.join('.') || '(whole)'}: ${illFormed}`;
  return hasInfinity(json) ? 'holds a number that is beyond a double’s range' : null;
}

/** What `JSON.parse` makes of a number like 1e400. */
function hasInfinity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'number' && !Number.isFinite(value);
  return Object.values(value).some(hasInfinity);
}

/** What is known when a submission is judged. */
export interface SubmissionFacts {
  /** Null where nobody of this name is registered. */
  readonly publicKey: string | null;
  /** The earlier claim of this submitter and id, with the key that it was signed by, where that is known. */
  readonly earlier: { readonly isSame: boolean; readonly eventId: string; readonly publicKey: string | null } | null;
  /** The id that the event of this claim has. */
  readonly eventId: string;
  /** Causes that canon does not hold. */
  readonly unknownCauses: readonly string[];
  readonly nowUs: number;
  readonly maxDriftUs: number;
}

/**
 * Judges a submission. A clock ahead of ours is refused, never clamped; one behind is absorbed, since the event gets a reading of ours. A claim of
 * an unknown type or version is kept and marked; one of a known version must fit its schema.
 */
export function decideSubmission(submission: Submission, facts: SubmissionFacts): SubmissionDecision {
  if (facts.publicKey === null) return refuse('SUBMITTER_UNKNOWN', 'submitter: nobody of this name is registered');
  if (!signatureHolds(submission, facts.publicKey) && !isRepetition(submission, facts))
    return refuse('SIGNATURE_INVALID', 'signature: is not that of the submitter over this claim');
  const read = readClaim(submission.claim);
  if (!('claim' in read)) return { kind: 'refused', ...read };
  const { claim } = read;
  if (facts.earlier?.isSame === true) return { kind: 'repeated', eventId: facts.earlier.eventId };
  if (facts.earlier) return refuse('ID_REUSED', 'claim.id: was used before for another claim');
  const aheadUs = claim.hlc.wallUs - facts.nowUs;
  if (aheadUs > facts.maxDriftUs)
    return refuse(
      'CLOCK_AHEAD',
      `claim.hlc: is ${Math.round(aheadUs / 1_000)} ms ahead, at most ${facts.maxDriftUs / 1_000} ms are taken`,
    );
  if (claim.causedBy.some((cause) => cause === claim.id || cause === facts.eventId))
    return refuse('CAUSE_CYCLE', 'claim.causedBy: an event cannot be its own cause');
  const [unknown] = facts.unknownCauses;
  if (unknown !== undefined) return refuse('CAUSE_UNKNOWN', `claim.causedBy: canon holds no event ${unknown}`);
  return judgePayload(claim);
}

/** Whether it was taken up before as it is: whoever did not hear the answer sends it again, with the signature of then, also after the submitter was given another key. */
function isRepetition(submission: Submission, { earlier }: SubmissionFacts): boolean {
  const { isSame = false, publicKey = null } = earlier ?? {};
  return isSame && publicKey !== null && signatureHolds(submission, publicKey);
}

function judgePayload(claim: Claim): SubmissionDecision {
  const spec = Object.hasOwn(eventTypes, claim.type)
    ? (eventTypes[claim.type as EventType] as unknown as EventTypeSpec)
    : undefined;
  // An older version counts as known where this build knows the way from it.
  const newest = spec ? upcastPayload(spec, claim) : null;
  if (!spec || newest === null) return { kind: 'accepted', claim, isKnown: false };
  const payload = spec.payload.safeParse(newest);
  if (payload.success) return { kind: 'accepted', claim, isKnown: true };
  return refuse('PAYLOAD_INVALID', `claim.payload: ${explainZodError(payload.error)}`);
}
