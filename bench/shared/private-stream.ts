/**
 * Running totals of private keys over a stream, protecting everything that an account ever does in it: the task of DP-SQLP (Zhang et al., "Differentially Private Stream Processing at Scale", PVLDB 17(12),
 * 2024, arXiv 2303.18086), done with this project's mechanisms. Half of rho chooses the keys: noisy totals at ten checkpoints, on a lattice of that horizon; from when such a total passes its threshold the key
 * shows. The other half is the noise of the totals that show, on a lattice with a row for each tick.
 */
import { divide, multiply, parseRational, rational } from '../../schema/metrics/rational.ts';
import { columnNormalised, decodingWeights } from '../../schema/metrics/running-total.ts';
import { systemBits } from '../../streams/privacy/crypto/bit-sources.ts';
import { zcdpRho } from '../../streams/privacy/domain/accounting/zcdp.ts';
import { discreteGaussian } from '../../streams/privacy/domain/samplers/discrete-gaussian.ts';
import type { Sampler } from '../../streams/privacy/domain/samplers/discrete-laplace.ts';

/** A law over 1 … `count` by which k is drawn in proportion to (k + shift)^-exponent (Zipf; with a shift, Mandelbrot). */
export interface Law {
  readonly count: number;
  readonly shift: number;
  readonly exponent: number;
}

export interface Workload {
  readonly accounts: number;
  readonly keys: Law;
  /** How often an account contributes, cut off at {@link contributionsMax}; a number where all do as often. */
  readonly contributions: Law | number;
  /** How often an account counts in one key over the whole stream; what it adds beyond is cut off, and is part of the error. */
  readonly perKeyMax: number;
}

export interface StreamErrors {
  readonly keysTouched: number;
  readonly keysShown: number;
  /** Norms of the error of all totals after the last tick; a key that does not show errs by all of its total. */
  readonly largest: number;
  readonly sum: number;
  readonly euclidean: number;
  /** Largest error among the keys that show. */
  readonly largestShown: number;
  /** Standard deviations of the noise in a total at the end, for the choice and for what is shown. */
  readonly sigmaOfChoice: number;
  readonly sigmaOfTotals: number;
}

/** Contributions of an account over the whole stream. */
export const contributionsMax = 32;
const epsilon = 6;
const delta = 1e-9;
const checkpoints = 10;
/** A lattice of 2^6 keeps sigma² where samplers work in Numbers; rounding costs a hundredth of accuracy. */
const scaleBits = 6;

/** A seeded generator for the workload (not for noise): splitmix32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Draws from 0 … count - 1. A table says where in the cumulative shares each thousandth begins, so that few halvings are left. */
function drawerOf({ count, shift, exponent }: Law, random: () => number): () => number {
  const shares = new Float64Array(count);
  let sum = 0;
  for (let k = 0; k < count; k += 1) shares[k] = sum += (k + 1 + shift) ** -exponent;
  const starts = new Int32Array(4_097).fill(count - 1);
  for (let k = count - 1; k >= 0; k -= 1) starts.fill(k, 0, Math.ceil(((shares[k] ?? 0) / sum) * 4_096));
  return () => {
    const uniform = random();
    const place = Math.floor(uniform * 4_096);
    const point = uniform * sum;
    let [low, high] = [starts[place] ?? 0, starts[place + 1] ?? count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((shares[middle] ?? 0) < point) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

interface Counts {
  /** What everybody did, by key. */
  readonly truth: Float64Array;
  /** What counts of it, by checkpoint before which it happened and key. */
  readonly counted: readonly Float64Array[];
}

/** Draws the whole stream. Ticks are drawn evenly; only which checkpoint a contribution comes before matters, as noise does not depend on it. */
function contribute({ accounts, keys, contributions, perKeyMax }: Workload): Counts {
  const random = seeded(7);
  const keyOf = drawerOf(keys, random);
  const times = typeof contributions === 'number' ? () => contributions - 1 : drawerOf(contributions, random);
  const truth = new Float64Array(keys.count);
  const counted = Array.from({ length: checkpoints }, () => new Float64Array(keys.count));
  const own = new Int32Array(contributionsMax);
  for (let account = 0; account < accounts; account += 1) {
    const count = Math.min(contributionsMax, times() + 1);
    for (let n = 0; n < count; n += 1) {
      const key = keyOf();
      own[n] = key;
      truth[key] = (truth[key] ?? 0) + 1;
      let before = 0;
      for (let earlier = 0; earlier < n; earlier += 1) if (own[earlier] === key) before += 1;
      const sums = counted[Math.floor(random() * checkpoints)];
      if (sums && before < perKeyMax) sums[key] = (sums[key] ?? 0) + 1;
    }
  }
  return { truth, counted };
}

/** Noise of running totals over `horizon` windows that costs `rho` for all that one account contributes. */
function noiseOf(
  horizon: number,
  perKeyMax: number,
  rho: number,
): { sampler: Sampler; weights: readonly Float64Array[]; sigma: number } {
  const factor = columnNormalised({ horizon, scaleBits });
  // At most contributionsMax units, at most perKeyMax in one key. Keys have rows of their own, so their squares add up; in one key columns may point the same way, so lengths do.
  const sensitivity2 = rational(factor.squaredSensitivity * BigInt(contributionsMax * perKeyMax));
  const wanted = divide(sensitivity2, multiply(rational(2n), parseRational((Math.floor(rho * 1e9) / 1e9).toFixed(9))));
  // Rounded up to a whole number: a little more noise, and samplers in Numbers.
  const sigma2 = wanted.num / wanted.den + 1n;
  const weights = Array.from({ length: horizon }, (_, t) => decodingWeights(factor, t));
  return { sampler: discreteGaussian(rational(sigma2)), weights, sigma: Math.sqrt(Number(sigma2)) };
}

const norm = (weights: Float64Array): number => Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
const weighed = (weights: Float64Array, values: Float64Array): number =>
  weights.reduce((sum, weight, t) => sum + weight * (values[t] ?? 0), 0);

/** One stream of `ticks` ticks at epsilon 6, delta 1e-9 for everything that an account does in it. */
export function privateStream(workload: Workload, ticks: number): StreamErrors {
  const { perKeyMax, keys } = workload;
  const { truth, counted } = contribute(workload);
  // Half of delta for what rho means, half for keys that one account alone touched.
  const rho = zcdpRho(epsilon, delta / 2);
  const choice = noiseOf(checkpoints, perKeyMax, rho / 2);
  const totals = noiseOf(ticks, perKeyMax, rho / 2);
  const tail = Math.sqrt(2 * Math.log((contributionsMax * checkpoints) / (delta / 2)));
  // Sums of discrete Gaussians are sub-Gaussian with their variance: P(X >= s tail) <= exp(-tail² / 2).
  const thresholds = choice.weights.map((weights) => perKeyMax + tail * norm(weights) * choice.sigma);
  const source = systemBits();
  const drawn = (values: Float64Array, sampler: Sampler): Float64Array => {
    for (let t = 0; t < values.length; t += 1) values[t] = Number(sampler(source));
    return values;
  };
  const [noiseOfChoice, noiseOfTotal] = [new Float64Array(checkpoints), new Float64Array(ticks)];
  const errors = { keysTouched: 0, keysShown: 0, largest: 0, sum: 0, squares: 0, largestShown: 0 };
  for (let key = 0; key < keys.count; key += 1) {
    const exact = truth[key] ?? 0;
    // Nobody touched it: there is no such key. (One account's keys are covered by delta.)
    if (exact === 0) continue;
    errors.keysTouched += 1;
    drawn(noiseOfChoice, choice.sampler);
    let [bounded, isShown] = [0, false];
    for (let at = 0; at < checkpoints; at += 1) {
      bounded += counted[at]?.[key] ?? 0;
      const noisy = bounded + weighed(choice.weights[at] ?? new Float64Array(), noiseOfChoice);
      if (noisy >= (thresholds[at] ?? Infinity)) isShown = true;
    }
    let error = exact;
    if (isShown) {
      const noise = weighed(totals.weights[ticks - 1] ?? new Float64Array(), drawn(noiseOfTotal, totals.sampler));
      error = Math.abs(exact - Math.round(bounded + noise));
      errors.keysShown += 1;
      errors.largestShown = Math.max(errors.largestShown, error);
    }
    errors.largest = Math.max(errors.largest, error);
    errors.sum += error;
    errors.squares += error * error;
  }
  const { squares, ...rest } = errors;
  return {
    ...rest,
    euclidean: Math.sqrt(squares),
    sigmaOfChoice: norm(choice.weights.at(-1) ?? new Float64Array()) * choice.sigma,
    sigmaOfTotals: norm(totals.weights.at(-1) ?? new Float64Array()) * totals.sigma,
  };
}
