import { type Rational, rational } from '../../../schema/metrics/rational.ts';
import { type BitSource, uniformBelow } from './bit-source.ts';

/*
 * Exact samplers of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020). Everything between the bits
 * and the sample is whole-number arithmetic: there is no rounding that could tell a neighbouring data set apart (Mironov 2012).
 */

/** True with probability num / den, for 0 <= num <= den. */
function bernoulli(bits: BitSource, num: bigint, den: bigint): boolean {
  return uniformBelow(bits, den) < num;
}

/** True with probability exp(-num / den), for 0 <= num <= den (their algorithm 1, first case). */
function bernoulliExpUpToOne(bits: BitSource, num: bigint, den: bigint): boolean {
  let k = 1n;
  while (bernoulli(bits, num, den * k)) k += 1n;
  return k % 2n === 1n;
}

/** True with probability exp(-gamma), for gamma >= 0 (their algorithm 1). RangeError for a negative gamma. */
export function bernoulliExp(bits: BitSource, gamma: Rational): boolean {
  if (gamma.num < 0n) throw new RangeError('gamma must not be negative');
  const whole = gamma.num / gamma.den;
  for (let n = 0n; n < whole; n += 1n) if (!bernoulliExpUpToOne(bits, 1n, 1n)) return false;
  return bernoulliExpUpToOne(bits, gamma.num - whole * gamma.den, gamma.den);
}

/** A discrete Laplace sample: P(x) proportional to exp(-|x| / scale), for a whole scale >= 1 (their algorithm 2). */
export function discreteLaplace(bits: BitSource, scale: bigint): bigint {
  if (scale < 1n) throw new RangeError('the scale must be at least 1');
  for (;;) {
    const remainder = uniformBelow(bits, scale);
    if (!bernoulliExpUpToOne(bits, remainder, scale)) continue;
    let quotient = 0n;
    while (bernoulliExpUpToOne(bits, 1n, 1n)) quotient += 1n;
    const magnitude = remainder + scale * quotient;
    const isNegative = bernoulli(bits, 1n, 2n);
    // Zero has no sign: counted for both it would come twice as often as it should.
    if (isNegative && magnitude === 0n) continue;
    return isNegative ? -magnitude : magnitude;
  }
}

/** The largest whole number whose square is at most `value`. */
export function floorSqrt(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const better = (guess + value / guess) >> 1n;
    if (better >= guess) return guess;
    guess = better;
  }
}

/** A discrete Gaussian sample: P(x) proportional to exp(-x² / (2 sigma2)) (their algorithm 3). RangeError unless sigma2 > 0. */
export function discreteGaussian(bits: BitSource, sigma2: Rational): bigint {
  if (sigma2.num <= 0n) throw new RangeError('sigma2 must be positive');
  const { num, den } = sigma2;
  const scale = floorSqrt(num / den) + 1n;
  for (;;) {
    const candidate = discreteLaplace(bits, scale);
    const magnitude = candidate < 0n ? -candidate : candidate;
    // (|y| - sigma2 / t)² / (2 sigma2), as one fraction.
    const distance = magnitude * scale * den - num;
    if (bernoulliExp(bits, rational(distance * distance, 2n * scale * scale * num * den))) return candidate;
  }
}
