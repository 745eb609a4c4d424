/** What can be said for sure about a mechanism from how often a distinguisher was right. */
import { normalUpperQuantile } from '../../streams/privacy/domain/accounting/normal.ts';

/** log(n!) for n = 0 … length - 1. */
function logFactorials(length: number): Float64Array {
  const logs = new Float64Array(length);
  for (let n = 2; n < length; n += 1) logs[n] = (logs[n - 1] ?? 0) + Math.log(n);
  return logs;
}

/** P(X <= hits) for X binomial of `trials` and `p`. */
function binomialTail(hits: number, { trials, p }: { readonly trials: number; readonly p: number }): number {
  const logs = logFactorials(trials + 1);
  const log = (n: number): number => logs[n] ?? 0;
  let sum = 0;
  for (let k = 0; k <= hits; k += 1)
    sum += Math.exp(log(trials) - log(k) - log(trials - k) + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  return Math.min(1, sum);
}

/**
 * The least rate that is still above the true one with probability 1 - `miss`, after `hits` of `trials` (Clopper, Pearson 1934, one-sided). 1 where every trial was a hit.
 */
export function rateAtMost(hits: number, trials: number, miss: number): number {
  if (!(trials >= 1 && hits >= 0 && hits <= trials)) throw new RangeError('hits must be among the trials');
  if (hits === trials) return 1;
  let [low, high] = [hits / trials, 1];
  for (let step = 0; step < 40; step += 1) {
    const p = (low + high) / 2;
    if (binomialTail(hits, { trials, p }) > miss) low = p;
    else high = p;
  }
  return high;
}

/** The greatest rate that is still below the true one with probability 1 - `miss`. */
export const rateAtLeast = (hits: number, trials: number, miss: number): number =>
  1 - rateAtMost(trials - hits, trials, miss);

export interface Game {
  /** What the distinguisher measured without the account, and with it. */
  readonly without: readonly number[];
  readonly withIt: readonly number[];
  /** Above it the distinguisher says "with"; it is fixed before anything is measured. */
  readonly threshold: number;
}

/**
 * The least mu for which the game can still be one of a mu-Gaussian-private mechanism (Dong, Roth, Su 2022): quantile of the hit rate less quantile of the false-alarm rate, both at
 * their Clopper-Pearson bounds, so that it exceeds the true mu with probability `miss` at most.
 */
export function muAtLeast({ without, withIt, threshold }: Game, miss: number): number {
  const above = (values: readonly number[]): number => values.filter((value) => value > threshold).length;
  const alarms = rateAtMost(above(without), without.length, miss / 2);
  const hits = rateAtLeast(above(withIt), withIt.length, miss / 2);
  if (alarms >= 1 || hits <= 0) return 0;
  return Math.max(0, normalUpperQuantile(alarms) - normalUpperQuantile(hits));
}

export interface Moments {
  readonly mean: number;
  readonly variance: number;
}

export function momentsOf(values: readonly number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, values.length - 1) };
}
