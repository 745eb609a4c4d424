/**
 * The exact cost of several (epsilon, delta)-private mechanisms of the same kind, where zCDP would only bound it. Discrete Laplace noise on one
 * count is exactly such a mechanism with delta = 0. Source: Kairouz, Oh, Viswanath 2015, theorem 3.3.
 */
export interface Repeated {
  readonly epsilon: number;
  readonly delta: number;
  readonly count: number;
}

/** log of n over k, for k = 0 … n. */
function logChoices(n: number): number[] {
  const logs = [0];
  for (let k = 1; k <= n; k += 1) logs.push((logs[k - 1] ?? 0) + Math.log((n - k + 1) / k));
  return logs;
}

/**
 * Smallest delta with which all together are (total, delta)-private: 1 - (1 - delta)^count (1 - E max(0, 1 - e^(total - L))), L being the
 * privacy loss of `count` randomised responses, (2 j - count) epsilon with j binomial.
 */
export function repeatedDelta({ epsilon, delta, count }: Repeated, total: number): number {
  const logKeep = -Math.log1p(Math.exp(-epsilon));
  const logTurn = -epsilon + logKeep;
  let loss = 0;
  for (const [j, logChoice] of logChoices(count).entries()) {
    const excess = (2 * j - count) * epsilon - total;
    if (excess > 0) loss += Math.exp(logChoice + j * logKeep + (count - j) * logTurn) * -Math.expm1(-excess);
  }
  const logNone = count * Math.log1p(-delta) + Math.log1p(-loss);
  return -Math.expm1(logNone);
}

/** Smallest total epsilon at `delta`, rounded up; null where no epsilon is enough because the mechanisms' own deltas use it up. */
export function repeatedEpsilon(each: Repeated, delta: number): number | null {
  let [low, high] = [0, each.epsilon * each.count];
  if (repeatedDelta(each, high) > delta) return null;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (repeatedDelta(each, middle) > delta) low = middle;
    else high = middle;
  }
  return high * (1 + 1e-12);
}
