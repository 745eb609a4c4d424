import { decodingWeights, encode, factorFor } from '../../../schema/metrics/running-total.ts';
import type { DeclaredMetric } from '../../../schema/metrics/metric.ts';
import { toNumber } from '../../../schema/metrics/rational.ts';
import { Raw, type Release } from '../../../schema/metrics/release.ts';
import { type Draw, createReleaser } from './draw-release.ts';
import { discreteGaussian } from './samplers/discrete-gaussian.ts';

/** What is kept of a running total: bounded counts of its windows, and what was drawn for them on the lattice. */
export interface History {
  readonly counts: readonly number[];
  readonly values: readonly number[];
}

/** Released totals that go into one, so that it tells of all windows: those of full horizons of its own series, and those of other series. */
export interface Earlier {
  readonly total: number;
  /** Windows of the own series in full horizons before this one. */
  readonly ownWindows: number;
  /** Windows of each other series. */
  readonly otherWindows: readonly number[];
}

export interface TotalDraw extends Omit<Draw, 'raw'> {
  /** Counts up to this window, and lattice values up to the one before. */
  readonly raw: Raw<History>;
  readonly earlier?: Earlier;
}

type Noise = Pick<DeclaredMetric, 'sigma2' | 'horizon'>;

const squares = new Map<string, number>();

/** Sum of the squares of the weights that the noise of each window has in the total after `windows` windows of one series: full horizons and the rest add up. */
function squaresAfter(horizon: number, windows: number): number {
  const known = squares.get(`${horizon}|${windows}`);
  if (known !== undefined) return known;
  const last = (windows - 1) % horizon;
  const full = windows - 1 - last;
  const ofHorizon = decodingWeights(factorFor(horizon), last).reduce((sum, weight) => sum + weight * weight, 0);
  const sum = ofHorizon + (full > 0 ? (full / horizon) * squaresAfter(horizon, horizon) : 0);
  squares.set(`${horizon}|${windows}`, sum);
  return sum;
}

/**
 * Half the width of the interval of a running total over series of so many windows each, in whatever order: it follows from the declaration alone. The noise of a weighted sum is sub-Gaussian with the variance of
 * the sum (Canonne, Kamath, Steinke 2020, fact 18), so P(|X| > m) <= 2 exp(-m² / (2 v)) gives the interval; half a unit is for the rounding of the total.
 */
export function totalHalfWidth({ sigma2, horizon = 1 }: Noise, windows: readonly number[], level: number): number {
  const weights = windows.toSorted((a, b) => a - b).reduce((sum, each) => sum + squaresAfter(horizon, each), 0);
  const variance = toNumber(sigma2) * weights;
  return Math.ceil(Math.sqrt(2 * variance * Math.log(2 / (1 - level))) + 0.5);
}

/**
 * Releases running totals: one more value C x + noise on the lattice, and from all of them the total (`total` is the own series', not rounded). RangeError where a value leaves the safe integers.
 */
export function createTotalDrawer(
  metric: Pick<DeclaredMetric, 'id' | 'schemaHash' | 'sigma2' | 'cellRho' | 'horizon'>,
  level: number,
): (draw: TotalDraw) => { readonly release: Release; readonly value: number; readonly total: number } {
  const factor = factorFor(metric.horizon ?? 1);
  const sampler = discreteGaussian(metric.sigma2);
  const releaseOf = createReleaser(metric, level);
  return (draw) => {
    const { counts, values } = Raw.reveal(draw.raw);
    const drawn = Number(encode(factor, counts) + sampler(draw.source));
    if (!Number.isSafeInteger(drawn)) throw new RangeError(`${metric.id}: a release does not fit into 53 bits`);
    const weights = decodingWeights(factor, counts.length - 1);
    const total = [...values, drawn].reduce((sum, value, t) => sum + value * (weights[t] ?? 0), 0);
    const { total: before, ownWindows, otherWindows } = draw.earlier ?? { total: 0, ownWindows: 0, otherWindows: [] };
    const half = totalHalfWidth(metric, [ownWindows + counts.length, ...otherWindows], level);
    return { release: releaseOf(draw, { value: Math.round(before + total), half }), value: drawn, total };
  };
}
