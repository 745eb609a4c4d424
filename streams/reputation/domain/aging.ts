import TinyQueue from 'tinyqueue';
import { expectation, formula } from '../../../schema/reputation/formula.ts';
import type { GivenEvidence } from '../../../schema/reputation/evidence.ts';
import { decayMsOf } from './circumstances.ts';
import { type DimensionState, type Memory, placeOf } from './memory.ts';
import { sumsAt } from './score.ts';

const { points, soonestMs, latestMs } = formula.aging;
const { prior, negativeFactor } = formula;
/** Sums that are worth less than this, negative ones by their factor, cannot move a score by {@link formula.aging.points} any more. */
const spent = (points / 100) * (prior.positive + prior.negative);

/**
 * When a score is to be made anew though nothing happened to it: about when it will have moved by {@link formula.aging.points}, at the speed of its next day. Infinity where
 * what is left cannot move it so far. Milliseconds since the Unix epoch.
 */
export function dueMsOf(state: DimensionState): number {
  const now = sumsAt(state, state.atMs);
  if (now.positive + negativeFactor * now.negative < spent) return Infinity;
  const perStep = 100 * Math.abs(expectation(sumsAt(state, state.atMs + soonestMs)) - expectation(now));
  const steps = Math.max(1, Math.ceil(points / perStep));
  return state.asOfMs + Math.min(latestMs, steps * soonestMs);
}

interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

interface Queue {
  readonly heap: TinyQueue<Entry>;
  /** When the one entry of each key that counts is due. */
  readonly queued: Map<string, number>;
  /** The keys of what the record of number `turn` took out or put off: their states may have been taken back since. */
  lent: string[];
  turn: number;
}

/**
 * The scores of each clock domain in the order in which they are due, keys deciding between equals. An entry may be due earlier than its score (evidence has come since) and
 * never later, so the order in which scores are taken out is a function of their states alone, whatever has been queued, restored or taken back.
 */
export class AgingQueue {
  readonly #queues = new Map<string, Queue>();
  #turn = 0;

  /** Says that what is taken from now on, however often, is one record's, which stands or is taken back as a whole. */
  begin(): void {
    this.#turn++;
  }

  /** Says when a score is due. A later time than the one that was said before is looked up when that one has come. */
  push(clock: string, key: string, dueMs: number): void {
    const { heap, queued } = this.#queueOf(clock);
    const knownMs = queued.get(key);
    if (dueMs === Infinity || (knownMs !== undefined && knownMs <= dueMs)) return;
    queued.set(key, dueMs);
    heap.push({ key, dueMs });
  }

  /** Takes out what is due first, up to `max` scores, by what `dueOf` says now; Infinity for what is there no more, or belongs to another clock. */
  take(
    clock: string,
    nowMs: number,
    { max, dueOf }: { max: number; dueOf: (key: string) => number },
  ): readonly string[] {
    const queue = this.#queueOf(clock);
    if (queue.turn !== this.#turn) {
      for (const key of queue.lent) this.push(clock, key, dueOf(key));
      queue.lent = [];
      queue.turn = this.#turn;
    }
    const taken: string[] = [];
    while (taken.length < max) {
      const first = queue.heap.peek();
      if (first === undefined || first.dueMs > nowMs) break;
      queue.heap.pop();
      if (queue.queued.get(first.key) !== first.dueMs) continue;
      queue.queued.delete(first.key);
      queue.lent.push(first.key);
      const dueMs = dueOf(first.key);
      if (dueMs > first.dueMs) this.push(clock, first.key, dueMs);
      else taken.push(first.key);
    }
    return taken;
  }

  #queueOf(clock: string): Queue {
    const known = this.#queues.get(clock);
    if (known !== undefined) return known;
    const heap = new TinyQueue<Entry>([], (a, b) => a.dueMs - b.dueMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    const queue: Queue = { heap, queued: new Map(), lent: [], turn: this.#turn };
    this.#queues.set(clock, queue);
    return queue;
  }
}

/** Makes scores anew that have moved while nothing happened to their creators, by the clock of a piece that counts. Returns which, by their keys. */
export function letTimePass(memory: Memory, { clock, atMs }: Pick<GivenEvidence, 'clock' | 'atMs'>): readonly string[] {
  const { hourMs, perPiece } = formula.aging;
  const knownMs = memory.get('hour', clock) ?? 0;
  const nowMs = Math.max(knownMs, atMs - (atMs % hourMs));
  if (nowMs > knownMs) memory.put('hour', clock, nowMs);
  const dueOf = (key: string): number => {
    const { creatorId, dimension } = placeOf(key);
    const state = memory.sums(creatorId, dimension);
    return state?.clock === clock ? dueMsOf(state) : Infinity;
  };
  const due = memory.aging.take(clock, nowMs, { max: perPiece, dueOf });
  for (const { creatorId, dimension } of due.map(placeOf)) {
    const decayMs = decayMsOf(memory, creatorId, nowMs);
    const nothing = { amount: 0, isNegative: false, pieces: 0 };
    memory.accumulate(creatorId, dimension, { ...nothing, atMs: decayMs, happenedMs: nowMs });
  }
  return due;
}

/** Says when scores that have changed are due, by their keys: at the end of a record, and before more time passes within it. */
export function sayWhenDue(memory: Memory, changed: Iterable<string>): void {
  for (const key of changed) {
    const { creatorId, dimension } = placeOf(key);
    const state = memory.sums(creatorId, dimension);
    if (state?.clock !== undefined) memory.aging.push(state.clock, key, dueMsOf(state));
  }
}
