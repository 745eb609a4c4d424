/**
 * Zero-concentrated differential privacy: what noise costs, exactly, and what that means as (epsilon, delta), rounded so that it never
 * promises too much. Source: Canonne, Kamath, Steinke 2020, corollary 13. From rho to epsilon: `schema/metrics/epsilon.ts`.
 */
import { type Rational, add, compare, divide, multiply, rational, zero } from '../../../../schema/metrics/rational.ts';

/** Covers the rounding of the double formulas below, generously. */
const slack = 1e-12;
const halvings = 100;

function positive(value: number, name: string): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} must be positive and finite`);
}

/** Squared Euclidean sensitivity of at most `l0` cells that change by at most `linf` each. */
export const squaredSensitivity = (bound: { readonly l0: number; readonly linf: number }): Rational =>
  rational(BigInt(bound.l0) * BigInt(bound.linf) ** 2n);

/** rho of discrete Gaussian noise: Delta2² / (2 sigma²). RangeError unless `sigma2` is positive. */
export function gaussianRho(sensitivity2: Rational, sigma2: Rational): Rational {
  if (compare(sigma2, zero) <= 0) throw new RangeError('sigma2 must be positive');
  return divide(sensitivity2, multiply(rational(2n), sigma2));
}

/** sigma² of the discrete Gaussian noise that costs `rho`: Delta2² / (2 rho). RangeError unless `rho` is positive. */
export function gaussianSigma2(sensitivity2: Rational, rho: Rational): Rational {
  if (compare(rho, zero) <= 0) throw new RangeError('rho must be positive');
  return divide(sensitivity2, multiply(rational(2n), rho));
}

/** rho of an epsilon-differentially private mechanism: epsilon² / 2. */
export const pureRho = (epsilon: Rational): Rational => divide(multiply(epsilon, epsilon), rational(2n));

/** rho of several mechanisms on the same data: their sum. */
export const compose = (rhos: readonly Rational[]): Rational => rhos.reduce(add, zero);

/**
 * Smallest known delta with which rho-zCDP is (epsilon, delta)-private: the infimum over a > 1 of
 * exp((a-1)(a rho - epsilon)) / (a-1) · (1 - 1/a)^a. Its logarithm is convex in a, so its slope's only zero is halved in.
 * Whatever a that ends with, the formula is an upper bound.
 */
export function zcdpDelta(rho: number, epsilon: number): number {
  positive(rho, 'rho');
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError('epsilon must be finite and not negative');
  // Near a = 1 the slope is negative; at this upper end it is positive, as log(1 - 1/a) >= -ln 2 there.
  let [low, high] = [1, (epsilon + 1) / (2 * rho) + 2];
  for (let step = 0; step < halvings; step += 1) {
    const a = (low + high) / 2;
    if ((2 * a - 1) * rho - epsilon + Math.log1p(-1 / a) < 0) low = a;
    else high = a;
  }
  const a = high;
  const exponent = (a - 1) * (a * rho - epsilon) + a * Math.log1p(-1 / a) - Math.log(a - 1);
  return Math.min(1, Math.exp(exponent) * (1 + slack));
}

/** The largest rho that is (epsilon, delta)-private, rounded down. RangeError unless epsilon > 0 and 0 < delta < 1. */
export function zcdpRho(epsilon: number, delta: number): number {
  positive(epsilon, 'epsilon');
  if (!(delta > 0 && delta < 1)) throw new RangeError('delta must lie between 0 and 1');
  let [low, high] = [0, 1];
  while (zcdpDelta(high, epsilon) <= delta) high *= 2;
  for (let step = 0; step < halvings; step += 1) {
    const middle = (low + high) / 2;
    if (middle > 0 && zcdpDelta(middle, epsilon) > delta) high = middle;
    else low = middle;
  }
  return low * (1 - slack);
}
