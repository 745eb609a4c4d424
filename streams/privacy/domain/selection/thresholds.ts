/** From which noisy value on a private key is shown, where its value is published anyway. Source: Google's differential-privacy library. */
import { errorBarHalfWidth } from '../../../../schema/metrics/error-bar.ts';
import { type Rational, toNumber } from '../../../../schema/metrics/rational.ts';
import { normalUpperQuantile } from '../accounting/normal.ts';

/** What each of `l0` keys may fail with, so that all together fail with `delta`. */
function deltaPerKey(delta: number, l0: number): number {
  if (!(delta > 0 && delta < 1)) throw new RangeError('delta must lie between 0 and 1');
  return -Math.expm1(Math.log1p(-delta) / l0);
}

/** linf + sigma · the normal quantile of 1 - delta per key. */
export function gaussianThreshold(noise: {
  readonly sigma: number;
  readonly l0: number;
  readonly linf: number;
  readonly delta: number;
}): number {
  return noise.linf + noise.sigma * normalUpperQuantile(deltaPerKey(noise.delta, noise.l0));
}

/** linf + the Laplace quantile of 1 - delta per key at scale l0 linf / epsilon. */
export function laplaceThreshold(noise: {
  readonly epsilon: number;
  readonly l0: number;
  readonly linf: number;
  readonly delta: number;
}): number {
  const each = deltaPerKey(noise.delta, noise.l0);
  const scale = (noise.l0 * noise.linf) / noise.epsilon;
  return noise.linf + scale * (each <= 0.5 ? -Math.log(2 * each) : Math.log(2 * (1 - each)));
}

/** Days of an epoch: on each of them a key that was touched once is looked at again. */
const evaluationsMax = 31;
/** Covers the rounding of 1 - 2 delta. */
const safety = 0.99;

/**
 * The least noisy value with which a private key is shown: above `linf` and what noise exceeds with the delta of one key on one of the days of an epoch, by the exact
 * tail of the discrete Gaussian. A key that one account alone touched shows in the whole epoch with probability delta at most.
 */
export function selectionThreshold(metric: {
  readonly sigma2: Rational;
  readonly l0: number;
  readonly linf: number;
  readonly delta: Rational;
}): number {
  const each = (deltaPerKey(toNumber(metric.delta), metric.l0) / evaluationsMax) * safety;
  return metric.linf + errorBarHalfWidth([metric.sigma2], 1 - 2 * each) + 1;
}
