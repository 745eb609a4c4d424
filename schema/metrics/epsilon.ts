import { type Rational, toNumber } from './rational.ts';

/**
 * Epsilon at `delta` of a rho-zCDP mechanism: the smallest over alpha > 1 of
 * alpha rho + (ln(1/delta) + alpha ln(1 - 1/alpha) - ln(alpha - 1)) / (alpha - 1), rounded up; 0 where delta alone covers it
 * (Canonne, Kamath and Steinke 2020, corollary 13). RangeError unless 0 < delta < 1 and rho > 0.
 */
export function epsilonOf(rho: Rational, delta: number): number {
  const r = toNumber(rho);
  if (!(r > 0 && delta > 0 && delta < 1)) throw new RangeError('rho must be positive and delta between 0 and 1');
  const at = (logExcess: number): number => {
    const excess = Math.exp(logExcess);
    const alpha = 1 + excess;
    return alpha * r + (Math.log(1 / delta) + alpha * Math.log1p(-1 / alpha) - logExcess) / excess;
  };
  let [low, high] = [-20, 40];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let n = 0; n < 200; n += 1) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(left) < at(right)) high = right;
    else low = left;
  }
  return Math.max(0, at((low + high) / 2) * (1 + 1e-12));
}
