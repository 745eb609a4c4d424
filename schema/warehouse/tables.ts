import { z } from 'zod';
import { sources } from '../events/envelope.ts';
import { dimensions } from '../graph/catalogue.ts';
import { fraction, ledgerRowSchema } from '../metrics/ledger-row.ts';
import { signedRootSchema } from '../metrics/signed-root.ts';

/**
 * The rows of every warehouse table, as they stand on the log and as they are inserted. Property names are column names.
 * Instants are `YYYY-MM-DD hh:mm:ss.mmm` in UTC. The tables themselves are in `migrations/`.
 */

/** A real instant that DateTime64 can hold. ClickHouse bends others (30 February, the year 2400) without a word, and wraps integers. */
const instant = z
  .string()
  .regex(
    /^(19[7-9]\d|2[01]\d\d|22[0-8]\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}$/,
  )
  .refine((text) => isDayOfItsMonth(text), 'is not an instant of the calendar');
const uint16 = z.int().min(0).max(65_535);
const uint32 = z.int().min(0).max(4_294_967_295);
const id = z.string().min(1).max(160);
const offset = z.int().nonnegative();
/** A column that came later: rows that the log holds from before leave it out, and the table's own default stands there. */
const added = <S extends z.ZodType>(column: S): z.ZodOptional<S> => column.optional();
const finite = z.number().refine(Number.isFinite);

export const canonStatuses = ['CANONICAL', 'PROVISIONAL', 'PROPOSED', 'EMERGENT', 'NON_CANONICAL'] as const;
export type CanonStatus = (typeof canonStatuses)[number];
export const contradictions = ['TEMPORAL', 'STATE', 'CAUSAL', 'AUTHORITY', 'LOGICAL'] as const;
export type ContradictionKind = (typeof contradictions)[number];
const caseStrategies = ['TRUST', 'TEMPORAL_PRIORITY', 'MAJORITY', 'MANUAL', 'FORK'] as const;
const caseStates = ['OPEN', 'FORKED', 'RESOLVED'] as const;

export const tables = {
  /** One accepted event. Newest row per event wins (`status_seq`). */
  'platform.canon_events': z.strictObject({
    event_id: id,
    entity_type: id,
    entity_id: id,
    entity_version: uint32.min(1),
    type: id,
    type_version: uint16.min(1),
    hlc: id,
    occurred_at: instant,
    actor: id,
    source: z.enum(sources),
    status: z.enum(canonStatuses),
    status_seq: uint32,
    caused_by: z.array(id),
    prev_hash: z.string(),
    hash: z.string(),
    log_partition: uint16,
    log_offset: offset,
    /** Its leaf in the Merkle tree of its log partition; null for what was recorded before there was one. */
    leaf_index: offset.nullable().default(null),
    /** The whole event, as JSON text. */
    body: z.string(),
  }),
  /** One move of an event's status; `seq` 0 is the initial one. */
  'platform.canon_status': z.strictObject({
    event_id: id,
    seq: uint32,
    status: z.enum(canonStatuses),
    reason: z.string(),
    decider: id,
    contradiction: z.enum(contradictions).nullable(),
    moved_at: instant,
  }),
  /** One move of a case: something that stands against events, or the review that an EMERGENT one waits for (no `kind`). */
  'platform.canon_cases': z.strictObject({
    case_id: id,
    seq: uint32,
    entity_type: id,
    entity_id: id,
    kind: z.enum(contradictions).nullable(),
    /** The events in dispute, and those who may not decide on them. */
    event_ids: z.array(id),
    parties: z.array(z.string()),
    state: z.enum(caseStates),
    strategy: z.enum(caseStrategies),
    verdict: z.string(),
    favours: z.string(),
    decider: id,
    reason: z.string(),
    /** Who reviews it ('' where nobody does), until when, and how often that was missed. */
    assignee: z.string(),
    due_at: instant.nullable(),
    escalations: uint32,
    opened_at: instant,
    moved_at: instant,
    log_key: z.string(),
  }),
  /** Whether an event is on a branch of its entity's history. Newest row wins (`seq`). */
  'platform.canon_branches': z.strictObject({
    branch_id: id,
    event_id: id,
    seq: uint32,
    entity_type: id,
    entity_id: id,
    case_id: id,
    is_member: z.boolean(),
    moved_at: instant,
  }),
  /** The newest score of a creator's dimension. */
  'platform.reputation_scores': z.strictObject({
    creator_id: id,
    dimension: z.enum(dimensions),
    formula_version: z.string(),
    /** 0 to 100, with its 80 % interval. */
    score: finite,
    low: finite,
    high: finite,
    /** Decayed sums of positive and negative evidence, at `as_of`. */
    positive: finite,
    negative: finite,
    evidence_count: uint32,
    as_of: instant,
    /** Where the creator's clock of decay stood at `as_of`: the same instant, unless they ever had it stopped. */
    decay_at: added(instant),
    /** When it became what it is: later than `as_of` where evidence was taken back or overturned, or trust in its source came later. */
    changed_at: added(instant),
    /** The newest version of its ledger that it was made from: earlier than `version` where nothing but time has passed since. */
    ledger_version: added(offset),
    /** Grows with every new score. */
    version: offset,
  }),
  /** One piece of evidence as it was counted. */
  'platform.reputation_evidence': z.strictObject({
    creator_id: id,
    dimension: z.enum(dimensions),
    event_id: id,
    rule: id,
    /** A creator's or a platform's id. Never shown for negative evidence. */
    source_id: id,
    source_kind: z.enum(sources),
    /** Signed weight of the rule, trust in the source (0 to 1), and what was counted: 0 where a rule refused it. */
    weight: finite,
    trust: finite,
    counted: finite,
    refusal: z.string(),
    occurred_at: instant,
    /** Where the creator's clock of decay stood then. */
    decay_at: added(instant),
    version: offset,
  }),
  /** What a batch recomputation of a dimension's scores from the ledger says of the ones that stand. Newest row of a day wins. */
  'platform.reputation_comparisons': z.strictObject({
    day: z.iso.date(),
    dimension: z.enum(dimensions),
    formula_version: z.string(),
    /** Creators compared, and how many of the highest. */
    creators: uint32,
    top: uint32,
    /** Share of the highest, 0 to 1, that both have. */
    overlap: finite,
    /** Between a score and its recomputation, in points. */
    largest_difference: finite,
    compared_at: instant,
  }),
  /** One differentially private release: all that anybody may know. */
  'analytics.releases': z.strictObject({
    release_id: id,
    metric: id,
    schema_hash: z.string(),
    window_start: instant,
    window_end: instant,
    key: id,
    value: z.int(),
    level: finite,
    low: z.int(),
    high: z.int(),
    sigma2: fraction,
    rho: fraction,
    sealed_at: instant,
    ledger_seq: offset,
    ledger_hash: z.string(),
  }),
  /** One row of the budget and release ledger, as `schema/metrics/ledger-row.ts` has it. */
  'analytics.ledger': ledgerRowSchema,
  /** A signed head of the ledger, as `schema/metrics/signed-root.ts` has it. */
  'analytics.ledger_roots': signedRootSchema,
  /** How many reports of a day, each randomised by its client, hold each answer of a question. Newest row wins (`reports`). */
  'analytics.client_answers': z.strictObject({
    question: id,
    day: instant,
    reports: uint32,
    reported: z.array(uint32),
  }),
} as const;

export type TableName = keyof typeof tables;
export type RowOf<T extends TableName> = z.infer<(typeof tables)[T]>;

/** Only the ends of months are left to look at: every row is checked, and most days need no calendar. */
function isDayOfItsMonth(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}

const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
let lastInstant = { ms: Number.NaN, text: '' };
let lastDay = { day: Number.NaN, text: '' };

/** `YYYY-MM-DD hh:mm:ss.mmm` of microseconds since the Unix epoch. Throws a RangeError for what no calendar has. */
export function warehouseInstant(wallUs: number): string {
  const ms = Math.floor(wallUs / 1000);
  // An event has several rows of one instant, and those that follow it mostly are of the same day.
  if (ms !== lastInstant.ms) {
    const day = Math.floor(ms / dayMs);
    if (day !== lastDay.day) lastDay = { day, text: new Date(ms).toISOString().slice(0, 10) };
    lastInstant = { ms, text: `${lastDay.text} ${timeOfDay(ms - day * dayMs)}` };
  }
  return lastInstant.text;
}

function timeOfDay(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const thousandths = String(ms % 1000).padStart(3, '0');
  return `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${thousandths}`;
}

/** ISO 8601 of what {@link warehouseInstant} wrote and ClickHouse gives back. */
export function isoFromWarehouse(instantText: string): string {
  return `${instantText.replace(' ', 'T')}Z`;
}
