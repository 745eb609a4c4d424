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

/** What one piece of evidence, or a change of one, does. */
export interface Change {
  /** Signed by what the evidence says: counted now less counted before. */
  readonly amount: number;
  /** Whether the evidence is negative. */
  readonly isNegative: boolean;
  /** What it decays from: when it was given, by its target's clock of decay. */
  readonly atMs: number;
  /** When it was given, where that clock was ever stopped. */
  readonly happenedMs?: number;
  /** The clock domain of that time. */
  readonly clock?: string;
  /** The version of the ledger that tells it; none where nothing but time passes. */
  readonly version?: number;
  /** 1 where it begins to count, -1 where it ends, 0 where it counts otherwise. */
  readonly pieces: number;
}

type Sign = keyof typeof formula.halfLives;

/** Decay per millisecond, as an exponent of e: this runs for every piece of evidence, and a power of e costs a third of one of 2. */
const rates: { readonly [S in Sign]: readonly number[] } = {
  positive: formula.halfLives.positive.map(({ ms }) => -Math.LN2 / ms),
  negative: formula.halfLives.negative.map(({ ms }) => -Math.LN2 / ms),
};

const positiveSums = formula.halfLives.positive.length;
/** Sums of one score as they lie in a row: the positive ones by half-life, then the negative ones. */
export const sumsPerRow = positiveSums + formula.halfLives.negative.length;
const rateOf = Float64Array.from([...rates.positive, ...rates.negative]);

/**
 * Takes a change into the row of sums that begins at `first` and stands at `beforeMs`. Sums decay when they are touched and not before. They are the same in
 * whatever order changes come. Returns the instant at which they stand now.
 */
export function accumulateInto(
  sums: Float64Array | number[],
  { first, beforeMs }: { readonly first: number; readonly beforeMs: number },
  change: Change,
): number {
  const atMs = Math.max(beforeMs, change.atMs);
  const keptMs = atMs - beforeMs;
  const takenMs = atMs - change.atMs;
  for (let at = 0; at < sumsPerRow; at++) {
    const rate = rateOf[at] as number;
    const before = sums[first + at] as number;
    const kept = before === 0 || keptMs === 0 ? before : before * Math.exp(rate * keptMs);
    const isMeant = at >= positiveSums === change.isNegative;
    const magnitude = isMeant ? (change.isNegative ? -change.amount : change.amount) : 0;
    const taken = magnitude === 0 || takenMs === 0 ? magnitude : magnitude * Math.exp(rate * takenMs);
    // Rounding must not leave less than nothing when the last piece is withdrawn.
    sums[first + at] = Math.max(0, kept + taken);
  }
  return atMs;
}

/** The state that a row of sums is. */
export function stateOfRow(
  sums: Float64Array | number[],
  row: {
    readonly first: number;
    readonly count: number;
    readonly atMs: number;
    readonly asOfMs: number;
    readonly clock?: string | undefined;
    readonly version?: number | undefined;
  },
): DimensionState {
  const { first, count, atMs, asOfMs, clock, version } = row;
  return {
    positive: Array.from(sums.slice(first, first + positiveSums)),
    negative: Array.from(sums.slice(first + positiveSums, first + sumsPerRow)),
    count,
    atMs,
    asOfMs,
    ...(clock === undefined ? {} : { clock }),
    ...(version === undefined ? {} : { version }),
  };
}

/** The clock by which time passes for a score once a change has come: that of its newest piece. */
export function clockAfter(
  before: { readonly asOfMs: number; readonly clock?: string | undefined } | undefined,
  { clock, happenedMs, atMs }: Change,
): string | undefined {
  if (before?.clock === undefined) return clock;
  return clock !== undefined && (happenedMs ?? atMs) >= before.asOfMs ? clock : before.clock;
}

/** A state in which nothing counts. */
export function emptyState(atMs: number): DimensionState {
  return stateOfRow(new Array<number>(sumsPerRow).fill(0), { first: 0, count: 0, atMs, asOfMs: atMs });
}

/** Takes a change in; see {@link accumulateInto}. */
export function accumulate(before: DimensionState | undefined, change: Change): DimensionState {
  const sums = before === undefined ? new Array<number>(sumsPerRow).fill(0) : [...before.positive, ...before.negative];
  const atMs = accumulateInto(sums, { first: 0, beforeMs: before?.atMs ?? 0 }, change);
  const asOfMs = Math.max(before?.asOfMs ?? 0, change.happenedMs ?? change.atMs);
  const count = (before?.count ?? 0) + change.pieces;
  const version = change.version ?? before?.version;
  return stateOfRow(sums, { first: 0, count, atMs, asOfMs, clock: clockAfter(before, change), version });
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
