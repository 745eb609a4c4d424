/** The standard normal distribution to about 13 digits, tails included. Source: Abramowitz and Stegun 7.1.6 and 26.2.14. */

/** From here on the continued fraction converges fast, and below it the series loses no digits that matter. */
const switchAt = 2.5;
const fractionTerms = 120;

export const normalDensity = (x: number): number => Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);

/** (P(X <= x) - 1/2) / density(x), by a series of terms of one sign. */
function centralSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 3; Math.abs(term) > Math.abs(sum) * 1e-18; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return sum;
}

/** Mills' ratio P(X > x) / density(x): the tail without its exponential, so that tails can be subtracted without losing digits. */
export function millsRatio(x: number): number {
  if (x < switchAt) return 0.5 / normalDensity(x) - centralSeries(x);
  let fraction = x;
  for (let k = fractionTerms; k > 0; k -= 1) fraction = x + k / fraction;
  return 1 / fraction;
}

/** P(X > x). */
export function normalUpperTail(x: number): number {
  if (x < -switchAt) return 1 - normalUpperTail(-x);
  return millsRatio(x) * normalDensity(x);
}

/** The x with P(X > x) = p. RangeError unless 0 < p < 1. */
export function normalUpperQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError('a quantile needs a probability between 0 and 1');
  let [low, high] = [-40, 40];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (normalUpperTail(middle) > p) low = middle;
    else high = middle;
  }
  return high;
}
