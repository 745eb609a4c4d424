import { expectation, formula } from '../../../schema/reputation/formula.ts';
import { betaQuantile } from './beta.ts';
import type { DimensionState } from './memory.ts';

export { expectation };

export interface Score {
  /** 0 to 100, with its interval of {@link formula.intervalLevel}. */
  readonly score: number;
  readonly low: number;
  readonly high: number;
  /** Decayed sums of the evidence, at `atMs`. */
  readonly positive: number;
  readonly negative: number;
}

const none: DimensionState = {
  positive: formula.halfLives.positive.map(() => 0),
  negative: formula.halfLives.negative.map(() => 0),
  count: 0,
  atMs: 0,
};

/** What one piece of evidence, or a change of one, does. */
export interface Change {
  /** Signed by what the evidence says: counted now less counted before. */
  readonly amount: number;
  /** Whether the evidence is negative. */
  readonly isNegative: boolean;
  /** When it was given; the change decays from then. */
  readonly atMs: number;
  /** 1 where it begins to count, -1 where it ends, 0 where it counts otherwise. */
  readonly pieces: number;
}

/** Takes a change in. The sums are the same in whatever order changes come. */
export function accumulate(before: DimensionState | undefined, change: Change): DimensionState {
  const state = before ?? none;
  const atMs = Math.max(state.atMs, change.atMs);
  const keptMs = atMs - state.atMs;
  const takenMs = atMs - change.atMs;
  return {
    positive: added('positive', state.positive, { keptMs, takenMs, magnitude: change.isNegative ? 0 : change.amount }),
    negative: added('negative', state.negative, { keptMs, takenMs, magnitude: change.isNegative ? -change.amount : 0 }),
    count: state.count + change.pieces,
    atMs,
  };
}

type Sign = keyof typeof formula.halfLives;

/** Decay per millisecond, as an exponent of e: this runs for every piece of evidence, and a power of e costs a third of one of 2. */
const rates: { readonly [S in Sign]: readonly number[] } = {
  positive: formula.halfLives.positive.map(({ ms }) => -Math.LN2 / ms),
  negative: formula.halfLives.negative.map(({ ms }) => -Math.LN2 / ms),
};

function added(
  sign: Sign,
  sums: readonly number[],
  { keptMs, takenMs, magnitude }: { keptMs: number; takenMs: number; magnitude: number },
): number[] {
  const next = sums.slice();
  for (let at = 0; at < next.length; at++) {
    const rate = rates[sign][at] as number;
    const kept = next[at] === 0 ? 0 : (next[at] as number) * Math.exp(rate * keptMs);
    const taken = magnitude === 0 ? 0 : magnitude * Math.exp(rate * takenMs);
    // Rounding must not leave less than nothing when the last piece is withdrawn.
    next[at] = Math.max(0, kept + taken);
  }
  return next;
}

/** Decayed sums at `atMs`, which is not before the state's own time. */
export function sumsAt(state: DimensionState, atMs: number): { readonly positive: number; readonly negative: number } {
  const mixed = (sign: Sign): number =>
    formula.halfLives[sign].reduce(
      (total, { share }, index) =>
        total + share * (state[sign][index] as number) * Math.exp((rates[sign][index] as number) * (atMs - state.atMs)),
      0,
    );
  return { positive: mixed('positive'), negative: mixed('negative') };
}

function shape(positive: number, negative: number): { a: number; b: number } {
  return { a: positive + formula.prior.positive, b: formula.negativeFactor * negative + formula.prior.negative };
}

/** The score of a dimension at its own time, with the interval of the Beta distribution whose mean it is. */
export function scoreOf(state: DimensionState): Score {
  const sums = sumsAt(state, state.atMs);
  const { a, b } = shape(sums.positive, sums.negative);
  const tail = (1 - formula.intervalLevel) / 2;
  return {
    score: 100 * expectation(sums),
    low: 100 * betaQuantile(tail, a, b),
    high: 100 * betaQuantile(1 - tail, a, b),
    ...sums,
  };
}
