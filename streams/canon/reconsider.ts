import { GENESIS_HASH } from '../../schema/events/envelope.ts';
import { type CanonStatus, warehouseInstant } from '../../schema/warehouse/tables.ts';
import type { StepContext } from '../shared/step.ts';
import { caseRow, dissolved } from './domain/cases.ts';
import { headOf } from './domain/chain.ts';
import { caseId } from './domain/resolution/case.ts';
import type { Claim } from './domain/resolution/claim.ts';
import { mainTip } from './domain/resolution/main-line.ts';
import type { KnownCause } from './domain/resolution/detect.ts';
import { type Resolution, type Standing, resolve } from './domain/resolution/resolve.ts';
import { systemDecider } from './domain/resolution/strategy.ts';
import {
  type Docket,
  disputedRows,
  docketCharsMax,
  docketClaimsMax,
  docketHeldMax,
  dockets,
  firstDue,
  nextDue,
  dropWaiter,
  rejectedEvents,
  unlooked,
  waitersOf,
} from './docket.ts';
import { chainHeads, takenEvents } from './stores.ts';

export type CanonOutputs = 'canonRecords' | 'canonStatus' | 'canonCases' | 'canonBranches';
export type CanonContext = StepContext<CanonOutputs>;

/** Entities looked at for one message; causes lead from one to the next. */
const entitiesMax = 1_000;
/** What one message may tell before it leaves the others to the next: with the last entity of those that it goes on with and of its own, that is within the emissions of a message. */
const toldMax = 3_500;
/** Disputes of a crowded docket that are decided by rule for one message: each takes a look at all of them. */
const rejectedAtOnceMax = 16;

/** What is known of an event: how it stands on a docket, or that it was settled; undefined where it never came. */
export function causeOf({ state }: CanonContext, id: string): KnownCause | undefined {
  const row = state.get(disputedRows, id);
  if (row !== undefined) {
    const docket = state.get(dockets, `${row.entity_type}|${row.entity_id}`);
    const hlc = docket?.claims.find((claim) => claim.id === id)?.hlc ?? null;
    return { status: docket?.told[id]?.status ?? row.status, hlc };
  }
  if (state.get(rejectedEvents, id) !== undefined) return { status: 'NON_CANONICAL', hlc: null };
  return state.get(takenEvents, id) === undefined ? undefined : { status: 'CANONICAL', hlc: null };
}

/**
 * Resolves these entities anew, and those that wait for what changed; tells every move. `fresh` is an event that was not told at all yet. What is too much for one message is left to the next ones
 * ({@link goOn}).
 */
export function reconsider(context: CanonContext, entities: readonly string[], fresh: string | null = null): void {
  const { state } = context;
  let told = 0;
  const counted: CanonContext = {
    ...context,
    emit(output, emission) {
      told += 1;
      context.emit(output, emission);
    },
  };
  const queue = [...entities];
  let looked = 0;
  for (; looked < Math.min(queue.length, entitiesMax) && told < toldMax; looked += 1) {
    const entity = queue[looked] as string;
    const docket = state.get(dockets, entity);
    if (!docket) continue;
    for (const moved of reconsiderOne(counted, entity, docket, fresh))
      for (const other of waitersOf(state, moved)) if (other !== entity) queue.push(other);
  }
  for (const entity of queue.slice(looked)) state.put(unlooked, entity, 1);
}

/** Looks at entities that an earlier message has left. True where there were any. */
export function goOn(context: CanonContext): boolean {
  const { state } = context;
  const left = state.entries(unlooked).slice(0, entitiesMax);
  for (const [entity] of left) state.remove(unlooked, entity);
  if (left.length > 0)
    reconsider(
      context,
      left.map(([entity]) => entity),
    );
  return left.length > 0;
}

/** Gives the events whose status moved, or which are settled now. */
function reconsiderOne(context: CanonContext, entity: string, given: Docket, fresh: string | null): readonly string[] {
  let docket = given;
  let resolution = resolutionOf(context, entity, docket);
  const isCrowded = isFull(docket);
  const settledOf = (): readonly Claim[] => settledClaims(context, docket, { resolution, isCrowded });
  for (let n = 0; isCrowded && n < rejectedAtOnceMax && isFull(remaining(docket, settledOf())); n += 1) {
    const oldest = resolution.cases.find(({ settlement }) => ['OPEN', 'FORK'].includes(settlement.verdict));
    if (!oldest) break;
    docket = withRejection(docket, oldest.id, context);
    resolution = resolutionOf(context, entity, docket);
  }
  const { told, moved } = tellStandings(context, docket, { resolution, fresh });
  const cases = tellCases(context, docket, resolution);
  const settled = settledOf();
  close(context, entity, { ...docket, told, cases }, { settled, resolution });
  return [...new Set([...moved, ...settled.map(({ id }) => id)])];
}

function resolutionOf(context: CanonContext, entity: string, { claims, rulings, votes, base }: Docket): Resolution {
  return resolve({
    claims,
    rulings,
    votes,
    base: (asked) => (asked === entity ? base : undefined),
    causeOf: (id) => causeOf(context, id),
  });
}

function isFull(docket: Docket): boolean {
  return docket.claims.length > docketClaimsMax || JSON.stringify(docket).length > docketCharsMax;
}

/** The rule of last resort: the oldest dispute is decided against, so that newer events can be kept apart. */
function withRejection(docket: Docket, caseId: string, { record }: CanonContext): Docket {
  const hlc = { wallUs: record.appendedAtMs * 1_000, counter: 0, node: systemDecider };
  const reason = 'too many disputes wait about this entity';
  const ruling = {
    id: `full:${caseId}`,
    hlc,
    caseId,
    verdict: 'REJECT',
    favours: null,
    decider: systemDecider,
    reason,
  };
  return { ...docket, rulings: [...docket.rulings, ruling as Docket['rulings'][number]] };
}

function tellStandings(
  context: CanonContext,
  docket: Docket,
  about: { readonly resolution: Resolution; readonly fresh: string | null },
): { readonly told: Docket['told']; readonly moved: readonly string[] } {
  const told = { ...docket.told };
  const moved: string[] = [];
  for (const { id } of docket.claims) {
    const standing = about.resolution.standings.get(id);
    const before = told[id];
    if (!standing || !before) continue;
    const isSame = before.status === standing.status && before.contradiction === standing.contradiction;
    const seq = isSame ? before.seq : before.seq + 1;
    const { status, contradiction, reason, branch } = standing;
    told[id] = { seq, status, contradiction, reason, branch };
    if (!isSame) tellMove(context, id, { standing, seq });
    if (standing.branch !== before.branch)
      tellBranch(context, id, { standing, before: before.branch, seq, caseOf: (root) => forkOf(root, docket, about) });
    if (before.status !== status || id === about.fresh) tellRecord(context, id, { status, seq });
    if (before.status !== status) moved.push(id);
  }
  return { told, moved };
}

function tellMove({ emit, record }: CanonContext, eventId: string, move: { standing: Standing; seq: number }): void {
  const { status, reason, decider, contradiction } = move.standing;
  const moved_at = warehouseInstant(record.appendedAtMs * 1_000);
  const value = { event_id: eventId, seq: move.seq, status, reason, decider, contradiction, moved_at };
  emit('canonStatus', { key: eventId, id: `${eventId}:${move.seq}`, value });
}

function tellRecord(
  { emit, state, record }: CanonContext,
  eventId: string,
  newest: { status: CanonStatus; seq: number },
): void {
  const row = state.get(disputedRows, eventId);
  if (!row) return;
  const value = { ...row, status: newest.status, status_seq: newest.seq };
  emit('canonRecords', { key: row.entity_id, id: `${eventId}:${newest.seq}`, value, partition: record.partition });
}

/** The case that made an event the root of a branch. */
function forkOf(root: string, { cases }: Docket, about: { readonly resolution: Resolution }): string {
  const forked = about.resolution.cases.find(
    ({ eventIds, settlement }) => settlement.verdict === 'FORK' && eventIds.includes(root),
  );
  const before = Object.values(cases).find(({ state, event_ids }) => state === 'FORKED' && event_ids.includes(root));
  return forked?.id ?? before?.case_id ?? caseId('STATE', root);
}

interface BranchMove {
  readonly standing: Standing;
  readonly before: string | null;
  readonly seq: number;
  readonly caseOf: (root: string) => string;
}

function tellBranch({ emit, state, record }: CanonContext, eventId: string, move: BranchMove): void {
  const row = state.get(disputedRows, eventId);
  const moved_at = warehouseInstant(record.appendedAtMs * 1_000);
  for (const [branch, isMember] of [
    [move.before, false],
    [move.standing.branch, true],
  ] as const) {
    if (branch === null || !row) continue;
    const { entity_type, entity_id } = row;
    const value = {
      branch_id: branch,
      event_id: eventId,
      seq: move.seq,
      entity_type,
      entity_id,
      case_id: move.caseOf(branch),
      is_member: isMember,
      moved_at,
    };
    emit('canonBranches', { key: entity_id, id: `${branch}:${eventId}:${move.seq}`, value });
  }
}

/** Tells every case that moved; gives the newest row of each that is not closed for good. */
function tellCases({ emit, record }: CanonContext, docket: Docket, { cases }: Resolution): Docket['cases'] {
  const occasion = { atMs: record.appendedAtMs, logKey: record.key };
  const rows = new Map(Object.entries(docket.cases));
  const tell = (row: Docket['cases'][string] | null): void => {
    if (!row) return;
    rows.set(row.case_id, row);
    emit('canonCases', { key: row.entity_id, id: `${row.case_id}:${row.seq}`, value: row });
  };
  for (const each of cases) tell(caseRow(each, docket.cases[each.id], occasion));
  const standing = new Set(cases.map(({ id }) => id));
  for (const row of Object.values(docket.cases))
    if (!standing.has(row.case_id) && row.state !== 'RESOLVED') tell(dissolved(row, occasion.atMs));
  return Object.fromEntries(rows);
}

/** Whether another region may still say something else in a claim's place. */
function isContestable({ hlc }: Claim, { contestUs }: Docket, { record }: CanonContext): boolean {
  return contestUs !== undefined && hlc.wallUs + contestUs > record.appendedAtMs * 1_000;
}

/** The claims, from the first on, that nothing can change any more. On a crowded docket none waits for a cause any longer: it stays what it is. */
function settledClaims(
  context: CanonContext,
  docket: Docket,
  { resolution, isCrowded }: { readonly resolution: Resolution; readonly isCrowded: boolean },
): readonly Claim[] {
  const open = new Set<string>();
  for (const { eventIds, settlement } of resolution.cases)
    if (settlement.verdict === 'OPEN' || settlement.verdict === 'FORK') for (const id of eventIds) open.add(id);
  const before = new Set<string>();
  for (const claim of docket.claims) {
    const { id, causedBy } = claim;
    if (docket.claims.length - before.size <= docketHeldMax && isContestable(claim, docket, context)) break;
    const waits =
      !isCrowded &&
      causedBy.some((cause) => !before.has(cause) && context.state.get(disputedRows, cause) !== undefined);
    const standing = resolution.standings.get(id);
    if (open.has(id) || waits || !standing || standing.branch !== null) break;
    before.add(id);
  }
  return docket.claims.slice(0, lastCut(docket, before.size, resolution));
}

/** The longest part of the first `count` claims after which the others still find their predecessors: rivals are settled together. */
function lastCut({ claims, base }: Docket, count: number, { cases }: Resolution): number {
  for (let cut = count; cut > 0; cut -= 1) {
    const rest = claims.slice(cut);
    const known = new Set(rest.map(({ hash }) => hash));
    known.add(mainTip(claims.slice(0, cut), base.hash, cases)?.hash ?? base.hash);
    if (rest.every(({ prevHash }) => known.has(prevHash))) return cut;
  }
  return 0;
}

/** Takes what is settled off the docket; without anything left there is no docket. */
function close(
  { state }: CanonContext,
  entity: string,
  docket: Docket,
  { settled, resolution }: { readonly settled: readonly Claim[]; readonly resolution: Resolution },
): void {
  const left = remaining(docket, settled);
  for (const { id } of settled) {
    state.remove(disputedRows, id);
    if (docket.told[id]?.status === 'NON_CANONICAL') state.put(rejectedEvents, id, 1);
  }
  forgetWaiting({ state }, { entity, settled, claims: left.claims });
  const last = mainTip(settled, docket.base.hash, resolution.cases);
  const base = last ? { fold: resolution.folds.get(last.id) ?? docket.base.fold, hash: last.hash } : docket.base;
  moveHead({ state }, entity, { base, tip: mainTip(docket.claims, docket.base.hash, resolution.cases), docket });
  if (left.claims.length === 0) {
    state.remove(dockets, entity);
    return;
  }
  const [due, known] = [firstDue(left.cases), state.get(nextDue, '')];
  if (known !== undefined && due < known) state.put(nextDue, '', due);
  state.put(dockets, entity, { ...left, base });
}

/** A docket without what is settled. */
function remaining(docket: Docket, settled: readonly Claim[]): Docket {
  const gone = new Set(settled.map(({ id }) => id));
  const left = <T>(entries: Readonly<Record<string, T>>, keep: (id: string, value: T) => boolean): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([id, value]) => keep(id, value)));
  const cases = left(docket.cases, (_id, row) => row.event_ids.some((id) => !gone.has(id)));
  return {
    ...docket,
    claims: docket.claims.filter(({ id }) => !gone.has(id)),
    rulings: docket.rulings.filter(({ caseId }) => Object.hasOwn(cases, caseId)),
    votes: docket.votes.filter(({ caseId }) => Object.hasOwn(cases, caseId)),
    told: left(docket.told, (id) => !gone.has(id)),
    cases,
  };
}

/** The head of the chain is the end of its main line: where rivals contend, not always the newest event. */
function moveHead(
  { state }: Pick<CanonContext, 'state'>,
  entity: string,
  { base, tip, docket }: { readonly base: Docket['base']; readonly tip: Claim | null; readonly docket: Docket },
): void {
  const head = state.get(chainHeads, entity);
  const { version, hash, hlc } = tip ?? { ...docket.base.fold, hash: docket.base.hash };
  if (base.hash === hash) {
    if (hash === GENESIS_HASH) state.remove(chainHeads, entity);
    else state.put(chainHeads, entity, headOf(base.fold, { version, hash }));
  } else if (head && hlc && head.hash !== hash) state.put(chainHeads, entity, { ...head, version, hash, hlc });
}

/** Entities wait for a cause as long as an event on their docket names it. */
export function forgetWaiting(
  { state }: Pick<CanonContext, 'state'>,
  about: { readonly entity: string; readonly settled: readonly Claim[]; readonly claims: readonly Claim[] },
): void {
  const still = new Set(about.claims.flatMap(({ causedBy }) => causedBy));
  for (const cause of new Set(about.settled.flatMap(({ causedBy }) => causedBy))) {
    if (!still.has(cause)) dropWaiter(state, cause, about.entity);
  }
}
