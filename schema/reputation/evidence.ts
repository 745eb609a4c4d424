import { z } from 'zod';
import { sources } from '../events/envelope.ts';
import { dimensions } from '../graph/catalogue.ts';
import { ruleNames } from './rules.ts';

/**
 * Why a piece of evidence counts less than its weight, or not at all. SELF: whoever gave it is credited for the work. AGENT: an agent or the system gave
 * it. PAIR_CAP, DAY_CAP: above what a source can give. RETALIATION: back to one's own negative rater. UNTRUSTED: kept, and counted once its
 * source is trusted. WITHDRAWN: taken back, or replaced by a newer one. OVERTURNED: a reviewer upheld an appeal against it, or against the same word of its source before. BLOCKED: a block stands between the
 * two. CLOSED: its source's account is closed or erased. UNKNOWN: its source or its target has not registered; it is kept, and taken up once they have. BACK_DATED: it
 * comes long after its own time. REPEATED: its source says the same already. OUT_OF_RANGE: a weight or a time that no evidence can have.
 */
export const refusals = [
  'SELF',
  'AGENT',
  'PAIR_CAP',
  'DAY_CAP',
  'RETALIATION',
  'UNTRUSTED',
  'WITHDRAWN',
  'OVERTURNED',
  'BLOCKED',
  'CLOSED',
  'UNKNOWN',
  'BACK_DATED',
  'REPEATED',
  'OUT_OF_RANGE',
] as const;
export type Refusal = (typeof refusals)[number];

const idMax = 160;
const statementMax = 400;
const id = z.string().min(1).max(idMax);
/** The last instant that the ledger has a place for; a later one would be no date at all. */
const lastMs = Date.UTC(2290, 0, 1) - 1;
const instantMs = z.int().nonnegative().max(lastMs);

/** One piece of evidence: what one event says of one creator in one dimension. */
export const givenSchema = z.strictObject({
  kind: z.literal('GIVEN'),
  eventId: id,
  rule: z.enum(ruleNames),
  target: id,
  dimension: z.enum(dimensions),
  /** A creator's id, or `platform:<name>`. */
  source: id,
  sourceKind: z.enum(sources),
  /** Signed, with credit shares and degrees taken in. */
  weight: z.number().refine(Number.isFinite),
  /** What stands until it is withdrawn or given anew, like a judgement or an endorsement; null for what simply happened. */
  statement: z.string().max(statementMax).nullable(),
  /** A vote of a member whom the platform does not name: a source of its own, so that the caps of a source say nothing about it. */
  isAnonymous: z.boolean(),
  refusal: z.enum(['SELF', 'AGENT']).nullable(),
  /** The clock domain that its time is of: what comes late is late beside others of its own. */
  clock: z.string().max(idMax).default('live'),
  atMs: instantMs,
});

/** What a source says no more. */
const withdrawn = z.strictObject({
  kind: z.literal('WITHDRAWN'),
  eventId: id,
  source: id,
  statement: z.string().max(statementMax),
  atMs: instantMs,
});

/**
 * An appeal against a piece of evidence was upheld: it counts no more. What the processor does not remember (a member's vote that a platform attested) is
 * told again, as it was counted. Whoever gave it stands here and not in the event of the decision, which everybody can read.
 */
const overturned = z.strictObject({
  kind: z.literal('OVERTURNED'),
  /** Of the decision. */
  eventId: id,
  /** Of the decision; absent in records of before it was told. */
  atMs: instantMs.optional(),
  piece: z.strictObject({
    eventId: id,
    rule: z.enum(ruleNames),
    target: id,
    dimension: z.enum(dimensions),
    source: id,
    sourceKind: z.enum(sources),
    weight: z.number().refine(Number.isFinite),
    trust: z.number().min(0).max(1),
    counted: z.number().refine(Number.isFinite),
    atMs: instantMs,
    /** The instant that it decays from, where the ledger knows it. */
    decayMs: instantMs.optional(),
  }),
});

/** What evidence is judged by: who is there, who blocks whom, whose evidence does not decay. None of it is evidence itself. */
const account = z.strictObject({
  kind: z.enum(['REGISTERED', 'CLOSED', 'REOPENED', 'ERASED', 'THAWED']),
  eventId: id,
  creatorId: id,
  atMs: instantMs,
});
const block = z.strictObject({
  kind: z.enum(['BLOCKED', 'UNBLOCKED']),
  eventId: id,
  creatorId: id,
  otherId: id,
  atMs: instantMs,
});
const frozen = z.strictObject({
  kind: z.literal('FROZEN'),
  eventId: id,
  creatorId: id,
  atMs: instantMs,
  untilMs: instantMs,
});

/** The records of the topic `reputationEvidence`. */
export const evidenceSchema = z.discriminatedUnion('kind', [
  givenSchema,
  withdrawn,
  overturned,
  account,
  block,
  frozen,
]);
export type GivenEvidence = z.infer<typeof givenSchema>;
export type WithdrawnEvidence = z.infer<typeof withdrawn>;
export type OverturnedEvidence = z.infer<typeof overturned>;
export type Circumstance = z.infer<typeof account> | z.infer<typeof block> | z.infer<typeof frozen>;
export type Evidence = z.infer<typeof evidenceSchema>;

const givenKeys = Object.keys(givenSchema.shape).length;
const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max;
const isId = (value: unknown): value is string => isText(value, idMax) && value !== '';
const isInstant = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= lastMs;
const isOneOf = <T>(value: unknown, values: readonly T[]): value is T => values.includes(value as T);

/**
 * What `JSON.parse` gave, as {@link givenSchema} would give it, to the letter, at a fraction of its price, which every piece of evidence pays; null where the
 * schema is to be asked.
 */
export function quickGiven(json: unknown): GivenEvidence | null {
  if (typeof json !== 'object' || json === null || Object.keys(json).length !== givenKeys) return null;
  const given = json as Record<string, unknown>;
  const { kind, eventId, rule, target, dimension, source, sourceKind } = given;
  const { weight, statement, isAnonymous, refusal, clock, atMs } = given;
  if (kind !== 'GIVEN' || !isId(eventId) || !isId(target) || !isId(source)) return null;
  if (!isOneOf(rule, ruleNames) || !isOneOf(dimension, dimensions) || !isOneOf(sourceKind, sources)) return null;
  if (typeof weight !== 'number' || !Number.isFinite(weight) || typeof isAnonymous !== 'boolean') return null;
  if (statement !== null && !isText(statement, statementMax)) return null;
  if (refusal !== null && refusal !== 'SELF' && refusal !== 'AGENT') return null;
  if (!isText(clock, idMax) || !isInstant(atMs)) return null;
  return {
    kind,
    eventId,
    rule,
    target,
    dimension,
    source,
    sourceKind,
    weight,
    statement,
    isAnonymous,
    refusal,
    clock,
    atMs,
  };
}

/** Names an overturning for ever: a piece is overturned once. */
export function overturnedId({ piece }: OverturnedEvidence): string {
  return `OVERTURNED|${piece.rule}|${piece.dimension}|${piece.target}|${piece.eventId}`;
}
