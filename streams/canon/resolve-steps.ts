import { type CanonEvent, GENESIS_HASH } from '../../schema/events/envelope.ts';
import { warehouseInstant } from '../../schema/warehouse/tables.ts';
import { type Step, done, drop, ok } from '../shared/step.ts';
import { type ChainHead, foldOf, headOf } from './domain/chain.ts';
import { claimOf } from './domain/claim-of-event.ts';
import { type CaseRow, escalated } from './domain/cases.ts';
import type { Claim } from './domain/resolution/claim.ts';
import { advance, detect } from './domain/resolution/detect.ts';
import { initialStatus } from './domain/resolution/status.ts';
import { type StatusMove, eventRow, statusRow } from './domain/rows.ts';
import { type Docket, addWaiter, disputedRows, dockets, firstDue, nextDue, waitersOf } from './docket.ts';
import { type CanonContext, type CanonOutputs, causeOf, reconsider } from './reconsider.ts';
import { chainHeads, leafCount } from './stores.ts';
import type { CanonMessage } from './steps.ts';

const platformPrefix = 'platform:';

/**
 * Decides how far an event is to be taken as true. Almost all are settled as they come and leave nothing behind but their chain's head; what is in dispute, and
 * what follows it on its entity, goes on a docket until it is settled.
 */
export const decideStatus: Step<CanonMessage, CanonMessage, CanonOutputs> = (message, context) => {
  const { state } = context;
  const claim = withKnownCauses(message.claim ?? claimOf(message.event), context);
  const head = state.get(chainHeads, claim.entity);
  if (isPlain(claim, head, context)) {
    state.put(chainHeads, claim.entity, headOf(advance(foldOf(head), claim, true), claim));
    tellPlain(message, context);
  } else {
    state.put(chainHeads, claim.entity, {
      ...(head ?? headOf(foldOf(undefined), claim)),
      version: claim.version,
      hash: claim.hash,
    });
    putOnDocket(message, { claim, head }, context);
  }
  return ok(message);
};

/** Whether nothing speaks against it, nobody need review it, and nothing that it depends on is in dispute. */
function isPlain(claim: Claim, head: ChainHead | undefined, context: CanonContext): boolean {
  const { state } = context;
  if (claim.source === 'IMVU' || state.get(dockets, claim.entity) !== undefined) return false;
  if (waitersOf(state, claim.id).length > 0) return false;
  if (claim.causedBy.some((id) => state.get(disputedRows, id) !== undefined)) return false;
  return detect(claim, foldOf(head), (id) => causeOf(context, id)).length === 0;
}

/** The platform's own commands read what they name as causes in the same transaction: one that is not of this partition is known to another. */
function withKnownCauses(claim: Claim, context: CanonContext): Claim {
  const isForeign = claim.source === 'IMVU' || (claim.source === 'EXTERNAL' && !claim.actor.startsWith(platformPrefix));
  if (isForeign || claim.causedBy.length === 0) return claim;
  return { ...claim, causedBy: claim.causedBy.filter((id) => causeOf(context, id) !== undefined) };
}

function initialMove({ source }: CanonEvent): StatusMove {
  const status = initialStatus[source];
  return { seq: 0, status, reason: `initial status of source ${source}`, contradiction: null };
}

/** Its row, with the next leaf of the partition's Merkle tree. */
function rowOf(
  { stored, body }: CanonMessage,
  move: StatusMove,
  { state, record }: CanonContext,
): ReturnType<typeof eventRow> {
  const leaf = state.get(leafCount, '') ?? 0;
  state.put(leafCount, '', leaf + 1);
  const { partition, offset } = record;
  return eventRow(stored, move, { partition, offset, leaf, body });
}

function tellPlain(message: CanonMessage, context: CanonContext): void {
  const { stored } = message;
  const { emit, record } = context;
  const initial = initialMove(stored);
  const moves = [initial];
  if (initial.status !== 'CANONICAL')
    moves.push({ seq: 1, status: 'CANONICAL', reason: 'nothing contradicts it', contradiction: null });
  const newest = moves.at(-1) ?? initial;
  emit('canonRecords', {
    key: stored.entity.id,
    id: `${stored.id}:${newest.seq}`,
    value: rowOf(message, newest, context),
    // The tree of a partition grows in the order of its records.
    partition: record.partition,
  });
  for (const move of moves)
    emit('canonStatus', { key: stored.id, id: `${stored.id}:${move.seq}`, value: statusRow(stored, move) });
}

function putOnDocket(
  message: CanonMessage,
  { claim, head }: { readonly claim: Claim; readonly head: ChainHead | undefined },
  context: CanonContext,
): void {
  const { stored } = message;
  const { state, emit } = context;
  const initial = initialMove(stored);
  emit('canonStatus', { key: claim.id, id: `${claim.id}:0`, value: statusRow(stored, initial) });
  state.put(disputedRows, claim.id, rowOf(message, initial, context));
  for (const cause of new Set(claim.causedBy)) {
    const isOpen = state.get(disputedRows, cause) !== undefined || causeOf(context, cause) === undefined;
    if (isOpen) addWaiter(state, cause, claim.entity);
  }
  const docket: Docket = state.get(dockets, claim.entity) ?? {
    base: { fold: foldOf(head), hash: head?.hash ?? GENESIS_HASH },
    claims: [],
    rulings: [],
    votes: [],
    told: {},
    cases: {},
  };
  const { seq: _seq, ...told } = initial;
  state.put(dockets, claim.entity, {
    ...docket,
    claims: [...docket.claims, claim],
    told: { ...docket.told, [claim.id]: { seq: 0, ...told, branch: null } },
  });
  reconsider(context, [claim.entity, ...waitersOf(state, claim.id)], claim.id);
}

const byId = (rows: readonly CaseRow[]): Docket['cases'] => Object.fromEntries(rows.map((row) => [row.case_id, row]));

/** Cases that one tick escalates, those of the last docket apart: more than it may emit would be none at all, at this tick and at every later one. */
const escalatedMax = 5_000;

/** When time has passed: whose deadline was missed goes one step up. */
export const escalateOverdue: Step<unknown, void, CanonOutputs> = (_tick, { state, emit, record }) => {
  const known = state.get(nextDue, '');
  if (known !== undefined && known > warehouseInstant(record.appendedAtMs * 1_000)) return drop('TICK');
  let next = firstDue({});
  let told = 0;
  for (const [entity, docket] of state.entries(dockets)) {
    // What is left stays due, and the next tick goes on.
    const rows =
      told < escalatedMax
        ? Object.values(docket.cases).flatMap((row) => escalated(row, record.appendedAtMs) ?? [])
        : [];
    told += rows.length;
    const cases = rows.length === 0 ? docket.cases : { ...docket.cases, ...byId(rows) };
    const due = firstDue(cases);
    if (due < next) next = due;
    if (rows.length === 0) continue;
    for (const row of rows) emit('canonCases', { key: row.entity_id, id: `${row.case_id}:${row.seq}`, value: row });
    state.put(dockets, entity, { ...docket, cases });
  }
  // What a dropped message wrote would not be kept.
  if (told === 0 && next === (known ?? firstDue({}))) return drop('TICK');
  state.put(nextDue, '', next);
  return done;
};
