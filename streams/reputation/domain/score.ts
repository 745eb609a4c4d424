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
  const add = (sign: Sign, magnitude: number): number[] => {
    const kept = decayFactors(sign, atMs - state.atMs);
    const taken = decayFactors(sign, atMs - change.atMs);
    // Rounding must not leave less than nothing when the last piece is withdrawn.
    return state[sign].map((sum, index) =>
      Math.max(0, sum * (kept[index] as number) + magnitude * (taken[index] as number)),
    );
  };
  return {
    positive: add('positive', change.isNegative ? 0 : change.amount),
    negative: add('negative', change.isNegative ? -change.amount : 0),
    count: state.count + change.pieces,
    atMs,
  };
}

type Sign = keyof typeof formula.halfLives;

function decayFactors(sign: Sign, ageMs: number): readonly number[] {
  return formula.halfLives[sign].map(({ ms }) => (ageMs === 0 ? 1 : 2 ** (-ageMs / ms)));
}

/** Decayed sums at `atMs`, which is not before the state's own time. */
export function sumsAt(state: DimensionState, atMs: number): { readonly positive: number; readonly negative: number } {
  const mixed = (sign: Sign): number => {
    const factors = decayFactors(sign, atMs - state.atMs);
    return formula.halfLives[sign].reduce(
      (total, { share }, index) => total + share * (state[sign][index] as number) * (factors[index] as number),
      0,
    );
  };
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
