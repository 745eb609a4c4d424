import { z } from 'zod';
import { sources } from '../../schema/events/envelope.ts';
import { reviewVerdicts } from '../../schema/events/types/canon.ts';
import { hlcSchema } from '../../schema/hlc.ts';
import { canonStatuses, contradictions, tables } from '../../schema/warehouse/tables.ts';
import { type StateView, defineStore } from '../shared/state.ts';
import { standingSchema } from './stores.ts';
import type { Claim, Ruling, Vote } from './domain/resolution/claim.ts';
import type { EntityFold } from './domain/resolution/detect.ts';

const claimSchema: z.ZodType<Claim> = z.strictObject({
  id: z.string(),
  entity: z.string(),
  version: z.int(),
  hlc: hlcSchema,
  prevHash: z.string(),
  hash: z.string(),
  actor: z.string(),
  source: z.enum(sources),
  standing: standingSchema,
  causedBy: z.array(z.string()),
  leavesAlive: z.boolean().nullable(),
  owners: z.array(z.string()).nullable(),
  needsOwner: z.boolean(),
  begins: z.string().optional(),
  objections: z.array(z.strictObject({ kind: z.enum(contradictions), reason: z.string() })),
  isHighValue: z.boolean(),
  content: z.string(),
  epoch: z.int(),
});

const foldSchema: z.ZodType<EntityFold> = z.strictObject({
  version: z.int(),
  hlc: hlcSchema.nullable(),
  isAlive: z.boolean(),
  owners: z.array(z.string()).nullable(),
  begun: z.string().optional(),
  begunBy: standingSchema.optional(),
});

const voice = { id: z.string(), hlc: hlcSchema, caseId: z.string(), favours: z.string().nullable() };
const rulingSchema: z.ZodType<Ruling> = z.strictObject({
  ...voice,
  verdict: z.enum(reviewVerdicts),
  decider: z.string(),
  reason: z.string(),
});
const voteSchema: z.ZodType<Vote> = z.strictObject({
  ...voice,
  verdict: z.enum(['ACCEPT', 'REJECT']),
  voter: z.string(),
});

/** What was told of an event last: the row of its newest status, and the branch that it is on. */
const toldSchema = z.strictObject({
  seq: z.int(),
  status: z.enum(canonStatuses),
  contradiction: z.enum(contradictions).nullable(),
  reason: z.string(),
  branch: z.string().nullable(),
});

const docketSchema = z.strictObject({
  /** What canon held of the entity before the first of the claims. */
  base: z.strictObject({ fold: foldSchema, hash: z.string() }),
  claims: z.array(claimSchema),
  rulings: z.array(rulingSchema),
  votes: z.array(voteSchema),
  told: z.record(z.string(), toldSchema),
  /** The newest row of every case that is not closed. */
  cases: z.record(z.string(), tables['platform.canon_cases']),
  /** How long what is decided stays, so that what another region wrote in its place can still contend, in microseconds of the log's time; unset: not at all. */
  contestUs: z.int().min(0).optional(),
});
export type Docket = z.infer<typeof docketSchema>;

/** What is in dispute about an entity, from the first event that is not settled on. Entities about which nothing is have no entry. */
export const dockets = defineStore<Docket>('dockets', docketSchema);

/** The row of `platform.canon_events` of every event on a docket, to be told anew when its status moves. */
export const disputedRows = defineStore('rows', tables['platform.canon_events']);

/** Events that were rejected for good. */
export const rejectedEvents = defineStore('rejected', z.literal(1));

/** The entities with events on a docket that name a cause, by cause and entity: an entry each, since thousands may wait for one. */
export const waiters = defineStore('waiters', z.string(), 1);

/** The same by cause, as builds before `waiters` kept them: all in one entry. */
export const waitingFor = defineStore('waiting', z.array(z.string()));

/** Entities that are still to be looked at: more depended on what was decided than one message may move. */
export const unlooked = defineStore('unlooked', z.literal(1));

const waiterKey = (cause: string, entity: string): string => `${cause}|${entity}`;

export function waitersOf(state: StateView, cause: string): readonly string[] {
  const found = state
    .entries(waiters, waiterKey(cause, ''))
    // An id may hold a bar.
    .flatMap(([key, entity]) => (key === waiterKey(cause, entity) ? [entity] : []));
  return [...(state.get(waitingFor, cause) ?? []), ...found];
}

export function addWaiter(state: StateView, cause: string, entity: string): void {
  const isKnown =
    state.get(waiters, waiterKey(cause, entity)) !== undefined || state.get(waitingFor, cause)?.includes(entity);
  if (!isKnown) state.put(waiters, waiterKey(cause, entity), entity);
}

export function dropWaiter(state: StateView, cause: string, entity: string): void {
  state.remove(waiters, waiterKey(cause, entity));
  const listed = state.get(waitingFor, cause);
  if (!listed?.includes(entity)) return;
  const others = listed.filter((other) => other !== entity);
  if (others.length === 0) state.remove(waitingFor, cause);
  else state.put(waitingFor, cause, others);
}

/** Under the key '': no deadline of a docket's case falls before this (as the warehouse writes instants), so that a tick need not look. Absent where nobody has looked yet. */
export const nextDue = defineStore('due', z.string());
/** After every deadline. */
const never = '9999-12-31 23:59:59.999';

/** The first deadline of these cases. */
export function firstDue(cases: Docket['cases']): string {
  return Object.values(cases).reduce(
    (first, { due_at }) => (due_at !== null && due_at < first ? due_at : first),
    never,
  );
}

/** Bounds of a docket; beyond them the oldest dispute is decided by rule, and nothing on it waits for a cause any longer, so that nobody can make canon remember without end. */
export const docketClaimsMax = 200;
export const docketCharsMax = 150_000;
/** Decided claims that stay on a docket for what other regions may say, at most. */
export const docketHeldMax = 64;
/** Rulings and votes on one docket; more are not heard. */
export const docketVoicesMax = 64;
