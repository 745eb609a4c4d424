import type { Dimension } from '../../../schema/graph/catalogue.ts';
import type { GivenEvidence } from '../../../schema/reputation/evidence.ts';
import { formula } from '../../../schema/reputation/formula.ts';
import { type Memory, type PairState, type Piece, creatorOf, pairKey } from './memory.ts';

const nothing: PairState = { given: [], negativeAtMs: null };
/** Entries of one pair's window. A source that gives in smaller portions has reached its cap. */
const windowEntriesMax = 128;
/** Less than this is no room. */
const crumb = 1e-9;

export interface Allowance {
  /** What is left of the weight, with its sign. */
  readonly allowed: number;
  readonly reduction: Piece['reduction'];
}

/** Takes the evidence's weight out of what its source may still give, and says how much of it that was. */
export function allow(memory: Memory, evidence: GivenEvidence): Allowance {
  const { source, target, dimension, weight, atMs, isAnonymous } = evidence;
  if (isAnonymous) return { allowed: weight, reduction: null };
  const wanted = Math.abs(weight);
  const pair = memory.get('pair', pairKey(source, target)) ?? nothing;
  const window = pair.given.filter(([givenMs]) => givenMs > atMs - formula.pairCap.windowMs);
  const pairRoom = roomInPair(window, dimension);
  const dayRoom = evidence.sourceKind === 'CREATOR' ? roomInDay(memory, source, atMs) : Infinity;
  const units = Math.min(wanted, pairRoom, dayRoom);
  const taken = units < crumb ? 0 : units;
  const factor = isRetaliation(memory, evidence) ? formula.retaliation.factor : 1;
  if (taken > 0) {
    memory.put('pair', pairKey(source, target), { ...pair, given: [...window, [atMs, dimension, taken]] });
    if (evidence.sourceKind === 'CREATOR') takeFromDay(memory, source, atMs, taken);
  }
  const cap = pairRoom <= dayRoom ? 'PAIR_CAP' : 'DAY_CAP';
  return {
    allowed: Math.sign(weight) * taken * factor,
    reduction: taken < wanted ? cap : factor < 1 ? 'RETALIATION' : null,
  };
}

function roomInPair(window: PairState['given'], dimension: Dimension): number {
  if (window.length >= windowEntriesMax) return 0;
  return window.reduce<number>((room, [, of, units]) => room - (of === dimension ? units : 0), formula.pairCap.units);
}

const dayOf = (atMs: number): number => Math.floor(atMs / formula.dayCap.dayMs);

/** What comes late counts for the newest day: there is no other that could be asked. */
function roomInDay(memory: Memory, source: string, atMs: number): number {
  const { day, dayUnits } = creatorOf(memory, source);
  return formula.dayCap.units - (dayOf(atMs) > day ? 0 : dayUnits);
}

function takeFromDay(memory: Memory, source: string, atMs: number, units: number): void {
  const creator = creatorOf(memory, source);
  const isNewDay = dayOf(atMs) > creator.day;
  memory.put('creator', source, {
    ...creator,
    day: Math.max(creator.day, dayOf(atMs)),
    dayUnits: (isNewDay ? 0 : creator.dayUnits) + units,
  });
}

/** Whether the target has lately given its source negative evidence that counted. One's own uncounted malice is no shield. What is published at the same instant pays nothing back: nobody had seen the other's. */
function isRetaliation(memory: Memory, { source, target, atMs }: GivenEvidence): boolean {
  const negativeAtMs = memory.get('pair', pairKey(target, source))?.negativeAtMs ?? null;
  return negativeAtMs !== null && atMs > negativeAtMs && atMs - negativeAtMs <= formula.retaliation.windowMs;
}

/** Remembers negative evidence that counted. */
export function rememberNegative(memory: Memory, piece: { source: string; target: string; atMs: number }): void {
  const key = pairKey(piece.source, piece.target);
  const pair = memory.get('pair', key) ?? nothing;
  memory.put('pair', key, { ...pair, negativeAtMs: Math.max(pair.negativeAtMs ?? 0, piece.atMs) });
}
