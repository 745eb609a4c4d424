import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import type {
  Circumstance,
  Evidence,
  GivenEvidence,
  OverturnedEvidence,
  Refusal,
  WithdrawnEvidence,
} from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { letTimePass, sayWhenDue } from './aging.ts';
import { allow, rememberNegative } from './caps.ts';
import { decayMsOf, freeze, isErased, refusalFor, strangerOf, thaw, wasOverturned } from './circumstances.ts';
import {
  type DimensionState,
  type Memory,
  type Piece,
  creatorOf,
  pairKey,
  pieceKey,
  placeKey,
  placeOf,
} from './memory.ts';
import { emptyState } from './score.ts';
import { isPlatform } from './trust-network.ts';
import { beginTerm, connect, isRoot, trustIn } from './trust.ts';

/** A piece of evidence as the ledger shows it. */
export interface LedgerEntry extends Pick<
  Piece,
  'eventId' | 'rule' | 'target' | 'dimension' | 'source' | 'sourceKind' | 'weight' | 'trust' | 'atMs' | 'decayMs'
> {
  /** Signed; what the sums have of it before decay. */
  readonly counted: number;
  readonly refusal: Refusal | null;
}

/** What a record of evidence brought about. */
export interface Effects {
  /** Newest state of each piece that is new or counts otherwise now. */
  readonly ledger: readonly LedgerEntry[];
  /** Dimensions whose sums changed. */
  readonly changed: readonly {
    readonly creatorId: string;
    readonly dimension: Dimension;
    readonly state: DimensionState;
    /**
     * When it became so: no earlier than its newest evidence, and later where the record took evidence back, brought older evidence to count or let time pass; never before what it
     * was until now.
     */
    readonly changedMs: number;
  }[];
}

/** What one record works with, and what it has brought about so far. */
interface Turn {
  readonly memory: Memory;
  readonly nowMs: number;
  readonly version: number;
  /** When scores that are gone were erased: never before what they were until then. */
  readonly erased: Map<string, number>;
  readonly ledger: Map<string, LedgerEntry>;
  readonly changed: Map<string, Changed>;
}

interface Changed {
  readonly creatorId: string;
  readonly dimension: Dimension;
  /** Whether nothing but time has passed. */
  readonly isAged?: true;
}

/**
 * Takes up one record of evidence: a function of the memory, the record and nothing else. The work is bounded: beside the record itself, at most the waiting
 * evidence of its source and of its target is counted anew, each at most once per step of trust, and of the scores of its clock that time has moved a few are made anew. `nowMs` is the log's own time at the record,
 * and `version` the version of what it writes into ledgers.
 */
export function takeEvidence(memory: Memory, evidence: Evidence, { nowMs = Infinity, version = 0 } = {}): Effects {
  const turn: Turn = { memory, nowMs, version, ledger: new Map(), changed: new Map(), erased: new Map() };
  memory.aging.begin();
  switch (evidence.kind) {
    case 'GIVEN':
      take(turn, evidence);
      break;
    case 'WITHDRAWN':
      withdrawStatement(turn, evidence);
      break;
    case 'OVERTURNED':
      overturn(turn, evidence);
      break;
    default:
      note(turn, evidence);
  }
  sayWhenDue(memory, turn.changed.keys());
  return {
    ledger: [...turn.ledger.values()],
    changed: [...turn.changed].map(([key, { creatorId, dimension, isAged }]) => {
      const state = memory.sums(creatorId, dimension) ?? emptyState(turn.erased.get(key) ?? 0);
      const recordMs = isAged ? 0 : (evidence.atMs ?? 0);
      return { creatorId, dimension, state, changedMs: tell(memory, key, [state.asOfMs, recordMs]) };
    }),
  };
}

/**
 * When a score becomes what a record makes of it. What was withdrawn, overturned or came to be trusted at one instant is part of every later record's score: older evidence that comes after it
 * must not put that back to its own time, so the instant is kept until newer evidence counts.
 */
function tell(memory: Memory, key: string, [asOfMs, recordMs]: readonly [number, number]): number {
  const knownMs = memory.get('told', key);
  const changedMs = Math.max(asOfMs, recordMs, knownMs ?? 0);
  if (changedMs > asOfMs) {
    if (changedMs !== knownMs) memory.put('told', key, changedMs);
  } else if (knownMs !== undefined) memory.remove('told', key);
  return changedMs;
}

function take(turn: Turn, evidence: GivenEvidence, { isRetaken = false } = {}): void {
  const { source, target } = evidence;
  // Of whoever was erased nothing is written down any more.
  if (isErased(turn.memory, target)) return;
  const refusal = refusalFor(turn.memory, evidence, { nowMs: turn.nowMs, isRetaken });
  if (refusal !== null) {
    refuse(turn, evidence, refusal);
    return;
  }
  sayWhenDue(turn.memory, turn.changed.keys());
  for (const key of letTimePass(turn.memory, evidence))
    if (!turn.changed.has(key)) turn.changed.set(key, { ...placeOf(key), isAged: true });
  beginTerm(turn.memory, evidence.atMs);
  if (evidence.statement !== null)
    withdrawPieces(turn, evidence.statement, (piece) => piece.source === source && piece.eventId !== evidence.eventId);
  countWaiting(turn, source);
  if (wasOverturned(turn.memory, evidence)) {
    refuse(turn, evidence, 'OVERTURNED');
    return;
  }
  const piece = newPiece(turn.memory, evidence);
  keep(turn, count(turn, piece, trustIn(turn.memory, source)));
  if (piece.allowed > 0) connect(turn.memory, [source, target, piece.allowed, piece.atMs, pieceKey(piece)]);
  countWaiting(turn, target);
}

function refuse(turn: Turn, evidence: GivenEvidence, refusal: Refusal): void {
  const { kind: _kind, statement: _statement, isAnonymous: _isAnonymous, clock: _clock, ...rest } = evidence;
  const decayMs = decayMsOf(turn.memory, evidence.target, evidence.atMs);
  turn.ledger.set(pieceKey(evidence), { ...rest, decayMs, trust: 0, counted: 0, refusal });
  const stranger = refusal === 'UNKNOWN' ? strangerOf(turn.memory, evidence) : null;
  if (stranger === null) return;
  const early = [...(turn.memory.get('early', stranger) ?? []), evidence];
  turn.memory.put('early', stranger, early.slice(-formula.earlyMax));
}

/** Takes note of what evidence is judged by from now on. */
function note(turn: Turn, circumstance: Circumstance): void {
  const { memory } = turn;
  const { kind, creatorId, atMs } = circumstance;
  const account = memory.get('account', creatorId) ?? { state: 'OPEN', freezes: [] };
  if (kind === 'BLOCKED') memory.put('block', pairKey(creatorId, circumstance.otherId), 1);
  else if (kind === 'UNBLOCKED') memory.remove('block', pairKey(creatorId, circumstance.otherId));
  else if (account.state === 'ERASED') return;
  else if (kind === 'ERASED') erase(turn, creatorId, atMs);
  else if (kind === 'FROZEN') freeze(memory, creatorId, [atMs, circumstance.untilMs]);
  else if (kind === 'THAWED') thaw(memory, creatorId, atMs);
  else {
    memory.put('account', creatorId, { ...account, state: kind === 'CLOSED' ? 'CLOSED' : 'OPEN' });
    const early = memory.get('early', creatorId) ?? [];
    memory.remove('early', creatorId);
    for (const evidence of early) take(turn, evidence, { isRetaken: true });
  }
}

/**
 * Leaves a tombstone of a creator: their scores are gone, what they gave and what waits counts no more than it did, and in the network of trust nothing leads to
 * them or from them. What they gave others before stands as it was counted, so that others' ledgers and scores go on agreeing.
 */
function erase(turn: Turn, creatorId: string, atMs: number): void {
  const { memory } = turn;
  memory.put('account', creatorId, { state: 'ERASED', freezes: [] });
  for (const dimension of dimensions) {
    const state = memory.sums(creatorId, dimension);
    if (state === undefined) continue;
    const key = placeKey(creatorId, dimension);
    turn.changed.set(key, { creatorId, dimension });
    turn.erased.set(key, Math.max(atMs, state.asOfMs));
  }
  memory.forgetSums(creatorId);
  for (const key of memory.get('waiting', creatorId) ?? []) {
    const piece = memory.get('piece', key);
    if (piece?.trust === 0) turn.ledger.set(key, { ...entryOf(piece), refusal: 'CLOSED' });
    release(memory, key);
  }
  for (const kind of ['waiting', 'creator', 'reliance', 'early'] as const) memory.remove(kind, creatorId);
  connect(memory, [creatorId, '', 0, atMs, '']);
}

function newPiece(memory: Memory, evidence: GivenEvidence): Piece {
  const { eventId, rule, target, dimension, source, sourceKind, statement, atMs, weight } = evidence;
  return {
    eventId,
    rule,
    target,
    dimension,
    source,
    sourceKind,
    statement,
    atMs,
    weight,
    clock: evidence.clock,
    decayMs: decayMsOf(memory, target, atMs),
    ...allow(memory, evidence),
    trust: 0,
    isWaiting: false,
  };
}

/** Counts a piece at this trust: what it adds to the target's sums is the difference to what it counted before. */
function count(turn: Turn, piece: Piece, trust: number): Piece {
  const amount = piece.allowed * (trust - piece.trust);
  const isFirst = piece.trust === 0;
  const counted = { ...piece, trust };
  if (amount !== 0) change(turn, piece, amount, isFirst ? 1 : 0);
  if (amount < 0 && isFirst) rememberNegative(turn.memory, piece);
  turn.ledger.set(pieceKey(piece), entryOf(counted));
  return counted;
}

function change(
  turn: Turn,
  piece: Pick<Piece, 'target' | 'dimension' | 'atMs' | 'decayMs' | 'clock' | 'allowed'>,
  amount: number,
  pieces: number,
): void {
  const { target, dimension, atMs, decayMs, clock, allowed } = piece;
  // A late change of what somebody who was erased has.
  if (isErased(turn.memory, target)) return;
  turn.memory.accumulate(target, dimension, {
    amount,
    isNegative: allowed < 0,
    atMs: decayMs,
    happenedMs: atMs,
    ...(clock === undefined ? {} : { clock }),
    version: turn.version,
    pieces,
  });
  turn.changed.set(placeKey(target, dimension), { creatorId: target, dimension });
}

function entryOf(piece: Piece): LedgerEntry {
  const { eventId, rule, target, dimension, source, sourceKind, weight, trust, atMs, decayMs, allowed, reduction } =
    piece;
  const refusal = allowed !== 0 && trust === 0 ? 'UNTRUSTED' : reduction;
  return {
    eventId,
    rule,
    target,
    dimension,
    source,
    sourceKind,
    weight,
    trust,
    atMs,
    decayMs,
    counted: allowed * trust,
    refusal,
  };
}

/** Whether a piece can change though it waits no more: it stands until it is withdrawn, or an appeal against it may be upheld. What platforms attest the appeal tells again. */
const staysOpen = ({ statement, allowed, trust, source }: Piece): boolean =>
  statement !== null || (allowed * trust < 0 && !isPlatform(source));

/** Remembers a piece that can still change. */
function keep(turn: Turn, piece: Piece): void {
  const { memory } = turn;
  const waits = piece.trust < 1 && piece.allowed !== 0 && !isRoot(memory.network, piece.source);
  if (!waits && !staysOpen(piece)) return;
  const key = pieceKey(piece);
  memory.put('piece', key, { ...piece, isWaiting: waits });
  if (piece.statement !== null)
    memory.put('statement', piece.statement, [...(memory.get('statement', piece.statement) ?? []), key]);
  if (!waits) return;
  const waiting = [...(memory.get('waiting', piece.source) ?? []), key];
  for (const dropped of waiting.splice(0, waiting.length - formula.trust.waitingMax)) release(memory, dropped);
  memory.put('waiting', piece.source, waiting);
}

/** A piece waits no more; it is forgotten unless it can change otherwise. */
function release(memory: Memory, key: string): void {
  const piece = memory.get('piece', key);
  if (!piece) return;
  if (staysOpen(piece)) memory.put('piece', key, { ...piece, isWaiting: false });
  else memory.remove('piece', key);
}

/** Once trust in a source has grown by a step, what waits is counted at it. Trust that shrinks takes nothing back. */
function countWaiting(turn: Turn, source: string): void {
  const { memory } = turn;
  const waiting = memory.get('waiting', source);
  if (waiting === undefined) return;
  const trust = trustIn(memory, source);
  const creator = creatorOf(memory, source);
  const step = Math.floor(trust * formula.trust.steps);
  if (step <= creator.step) return;
  memory.put('creator', source, { ...creator, step });
  const still: string[] = [];
  for (const key of waiting) {
    const piece = memory.get('piece', key);
    if (piece === undefined || piece.isOverturned) continue;
    if (trust > piece.trust) memory.put('piece', key, count(turn, piece, trust));
    if (trust < 1) still.push(key);
    else release(memory, key);
  }
  if (still.length > 0) memory.put('waiting', source, still);
  else memory.remove('waiting', source);
}

function withdrawStatement(turn: Turn, { statement, source }: WithdrawnEvidence): void {
  withdrawPieces(turn, statement, (piece) => piece.source === source);
}

/** What is withdrawn counts no more, and vouches for nobody. */
function withdrawPieces(turn: Turn, statement: string, isMeant: (piece: Piece) => boolean): void {
  const { memory } = turn;
  const still: string[] = [];
  for (const key of memory.get('statement', statement) ?? []) {
    const piece = memory.get('piece', key);
    if (piece === undefined) continue;
    if (piece.isOverturned || !isMeant(piece)) {
      still.push(key);
      continue;
    }
    memory.remove('piece', key);
    const counted = piece.allowed * piece.trust;
    if (counted !== 0) change(turn, piece, -counted, -1);
    if (piece.allowed > 0) connect(memory, [piece.source, piece.target, -piece.allowed, piece.atMs, key]);
    turn.ledger.set(key, { ...entryOf(piece), counted: 0, refusal: 'WITHDRAWN' });
  }
  if (still.length > 0) memory.put('statement', statement, still);
  else memory.remove('statement', statement);
}

/** Whether nobody but a reviewer can take a piece back. */
const standsForGood = ({ rule, sourceKind }: OverturnedEvidence['piece']): boolean =>
  sourceKind === 'EXTERNAL' || rule === 'RATED_BY_PARTNER';

/**
 * Takes a piece out of the sums as it was counted. What is remembered is known better here than it was told. Of the rest, what could be withdrawn was; what cannot be is what platforms
 * attest, and what partners of full trust rated before such ratings were remembered (formula 2.2.0): the ledger told how it was counted.
 */
function overturn(turn: Turn, { piece: told }: OverturnedEvidence): void {
  const key = pieceKey(told);
  const kept = turn.memory.get('piece', key);
  if (kept === undefined ? !standsForGood(told) : kept.isOverturned) return;
  const decayMs = told.decayMs ?? decayMsOf(turn.memory, told.target, told.atMs);
  const entry = kept === undefined ? { ...told, decayMs } : entryOf(kept);
  const { counted } = entry;
  if (kept !== undefined && kept.statement !== null) turn.memory.put('piece', key, { ...kept, isOverturned: true });
  else turn.memory.remove('piece', key);
  if (counted !== 0) change(turn, { ...entry, allowed: counted }, -counted, -1);
  turn.ledger.set(key, { ...entry, counted: 0, refusal: 'OVERTURNED' });
}
