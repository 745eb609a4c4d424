/**
 * True with probability exp(-p/q), exactly (Canonne, Kamath, Steinke 2020, algorithm 1): the series of exp is walked with
 * coins of rational bias, so no exponential is ever computed.
 *
 * A coin of bias (p/q)/k is two independent coins, of bias 1/k and p/q. So nothing grows with k, and the Number form never meets a
 * product: it is exact for all safe integers p and q, and takes the same bits to the same answer as the BigInt form.
 */
import { type BitSource, uniformBelow, uniformBelowBig } from './bit-source.ts';

/** True with probability exp(-1). */
export function bernoulliExpOne(source: BitSource): boolean {
  let k = 2;
  while (uniformBelow(k, source) === 0) k += 1;
  return k % 2 === 1;
}

/** True with probability exp(-p/q) for 0 <= p < q. */
function bernoulliExpBelowOne(p: number, q: number, source: BitSource): boolean {
  if (p === 0) return true;
  let k = 1;
  while (uniformBelow(k, source) === 0 && uniformBelow(q, source) < p) k += 1;
  return k % 2 === 1;
}

function bernoulliExpBelowOneBig(p: bigint, q: bigint, source: BitSource): boolean {
  if (p === 0n) return true;
  let k = 1;
  while (uniformBelow(k, source) === 0 && uniformBelowBig(q, source) < p) k += 1;
  return k % 2 === 1;
}

/** True with probability exp(-p/q) for safe integers p >= 0 and q >= 1. */
export function bernoulliExp(p: number, q: number, source: BitSource): boolean {
  if (p < q) return bernoulliExpBelowOne(p, q, source);
  const rest = p % q;
  for (let whole = (p - rest) / q; whole > 0; whole -= 1) if (!bernoulliExpOne(source)) return false;
  return bernoulliExpBelowOne(rest, q, source);
}

/** As {@link bernoulliExp}, without a limit on p and q. */
export function bernoulliExpBig(p: bigint, q: bigint, source: BitSource): boolean {
  for (let whole = p / q; whole > 0n; whole -= 1n) if (!bernoulliExpOne(source)) return false;
  return bernoulliExpBelowOneBig(p % q, q, source);
}
