/**
 * Error bars. They follow from the noise's variance parameter, which is public, and never from the data. Whoever adds up releases
 * adds their sigma² and asks here for the interval of the sum.
 */
import { type Rational, add, compare, toNumber, zero } from './rational.ts';

/** Covers the rounding of the sums below: the interval's probability is never below its level. */
const slack = 1 + 1e-11;
/** Steps of the summation within one sigma; only wider noise than this is summed in blocks. */
const stepsPerSigma = 4096;

/**
 * Sum over all integers of exp(-x²/(2 sigma2)): what a mass function of the discrete Gaussian is divided by. For wide noise by
 * Poisson's formula, whose terms vanish at once.
 */
export function gaussianNormaliser(sigma2: number): number {
  let sum = 1;
  const decay = sigma2 < 1 ? 1 / (2 * sigma2) : 2 * Math.PI ** 2 * sigma2;
  for (let k = 1; k <= 8; k += 1) sum += 2 * Math.exp(-decay * k * k);
  return sigma2 < 1 ? sum : Math.sqrt(2 * Math.PI * sigma2) * sum;
}

/**
 * By how much a sum of discrete Gaussians may at most exceed the discrete Gaussian of the added variance at any point, as a factor. With
 * two of variance parameters s and u, the sum's mass is the latter's times a factor of 1 ± 2 Σ exp(-2 pi² k² s u / (s + u)) (Poisson's
 * formula, as in Kairouz, Liu, Steinke 2021), normalised. Infinite where the noise is too narrow to say.
 */
function excessOfSum(sigma2s: readonly Rational[]): number {
  let excess = 1;
  let total = 0;
  for (const next of sigma2s.map(toNumber)) {
    if (total > 0) {
      const decay = Math.exp((-2 * Math.PI ** 2 * total * next) / (total + next));
      const wave = (2 * decay) / (1 - decay);
      excess *= wave < 1 ? (1 + wave) / (1 - wave) : Infinity;
    }
    total += next;
  }
  return excess;
}

/**
 * Smallest m with P(|X| > m) <= miss, for X discrete Gaussian, from the far tail inwards. Wide noise is summed in blocks of equal
 * length at each block's largest mass, which overstates the tail by less than one part in a thousand.
 */
function tailBound(sigma2: number, miss: number): number {
  const block = Math.max(1, Math.floor(Math.sqrt(sigma2) / stepsPerSigma));
  const limit = (miss * gaussianNormaliser(sigma2)) / (2 * block * slack);
  // Beyond this the whole tail is below 1e-20 of what may be missed (sub-Gaussian bound).
  const far = Math.ceil(Math.sqrt(2 * sigma2 * Math.log(2e20 / miss)));
  let sum = limit * 1e-20;
  for (let x = far; x > 0; x -= block) {
    sum += Math.exp(-(x * x) / (2 * sigma2));
    if (sum > limit) return x + block - 1;
  }
  return block - 1;
}

/**
 * Half the width of the error bar of a sum of releases with these variance parameters (one for a single release): the smallest whole m
 * for which the sum's noise lies within [-m, m] with probability `level`. RangeError without releases, for a variance that is
 * not positive or a level outside (0, 1).
 */
export function errorBarHalfWidth(sigma2s: readonly Rational[], level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError('the level of an error bar must lie between 0 and 1');
  if (sigma2s.length === 0) throw new RangeError('an error bar needs at least one release');
  if (sigma2s.some((sigma2) => compare(sigma2, zero) <= 0)) throw new RangeError('sigma2 must be positive');
  const total = toNumber(sigma2s.reduce(add));
  const miss = 1 - level;
  const excess = excessOfSum(sigma2s);
  // Always true of a sum of discrete Gaussians: P(|X| > m) <= 2 exp(-(m+1)² / (2 sigma²)).
  const crude = Math.max(0, Math.ceil(Math.sqrt(2 * total * Math.log(2 / miss))) - 1);
  return excess === Infinity ? crude : Math.min(crude, tailBound(total, miss / excess));
}

/** The error bar of a released value or a sum of released values. */
export interface ErrorBar {
  /** Probability with which the interval holds the bounded, noiseless value. */
  readonly level: number;
  readonly low: number;
  readonly high: number;
}

/** {@link errorBarHalfWidth} around a value. */
export function errorBar(
  value: number,
  noise: { readonly sigma2s: readonly Rational[]; readonly level: number },
): ErrorBar {
  const half = errorBarHalfWidth(noise.sigma2s, noise.level);
  return { level: noise.level, low: value - half, high: value + half };
}
