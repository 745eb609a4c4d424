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

export interface TotalDraw extends Omit<Draw, 'raw'> {
  /** Counts up to this window, and lattice values up to the one before. */
  readonly raw: Raw<History>;
}

type Noise = Pick<DeclaredMetric, 'sigma2' | 'horizon'>;

/**
 * The noise of a weighted sum is sub-Gaussian with the variance of the sum (Canonne, Kamath, Steinke 2020, fact 18), so P(|X| > m) <= 2 exp(-m² / (2 v)) gives the interval; half a unit is for the rounding
 * of the total.
 */
function halfWidth({ sigma2 }: Noise, weights: Float64Array, level: number): number {
  const variance = toNumber(sigma2) * weights.reduce((squares, weight) => squares + weight * weight, 0);
  return Math.ceil(Math.sqrt(2 * variance * Math.log(2 / (1 - level))) + 0.5);
}

/** Half the width of the interval of a running total after window `t` (from 0): it follows from the declaration alone. RangeError where `t` lies outside the horizon. */
export const totalHalfWidth = (metric: Noise, t: number, level: number): number =>
  halfWidth(metric, decodingWeights(factorFor(metric.horizon ?? 1), t), level);

/**
 * Releases running totals: one more value C x + noise on the lattice, and from all of them the total, rounded. RangeError where a value leaves the safe integers.
 */
export function createTotalDrawer(
  metric: Pick<DeclaredMetric, 'id' | 'schemaHash' | 'sigma2' | 'cellRho' | 'horizon'>,
  level: number,
): (draw: TotalDraw) => { readonly release: Release; readonly value: number } {
  const factor = factorFor(metric.horizon ?? 1);
  const sampler = discreteGaussian(metric.sigma2);
  const releaseOf = createReleaser(metric, level);
  return (draw) => {
    const { counts, values } = Raw.reveal(draw.raw);
    const drawn = Number(encode(factor, counts) + sampler(draw.source));
    if (!Number.isSafeInteger(drawn)) throw new RangeError(`${metric.id}: a release does not fit into 53 bits`);
    const weights = decodingWeights(factor, counts.length - 1);
    const sum = [...values, drawn].reduce((total, value, t) => total + value * (weights[t] ?? 0), 0);
    const half = halfWidth(metric, weights, level);
    return { release: releaseOf(draw, { value: Math.round(sum), half }), value: drawn };
  };
}
