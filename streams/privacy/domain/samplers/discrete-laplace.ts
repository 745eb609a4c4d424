/**
 * The discrete Laplace distribution of a rational scale b: P(x) is proportional to exp(-|x|/b) (Canonne, Kamath, Steinke 2020,
 * algorithm 2). With b = t/s: U uniform in [0, t), kept with probability exp(-U/t); V geometric with exp(-1); then (U + t V) / s,
 * rounded down, is distributed as |x|. A coin gives the sign; "minus zero" is drawn anew, else 0 would count twice.
 */
import { type Rational, compare, zero } from '../../../../schema/metrics/rational.ts';
import { bernoulliExp, bernoulliExpBig, bernoulliExpOne } from './bernoulli-exp.ts';
import { type BitSource, uniformBelow, uniformBelowBig } from './bit-source.ts';

/** Draws one integer; keeps no state between draws. */
export type Sampler = (source: BitSource) => bigint;

/** How many times exp(-1) comes true before it does not. */
function geometricExpOne(source: BitSource): number {
  let count = 0;
  while (bernoulliExpOne(source)) count += 1;
  return count;
}

/** A draw of scale t/s for safe integers t and s. It is a number unless |x| * s has left the safe integers. */
export function drawLaplace(t: number, s: number, source: BitSource): number | bigint {
  for (;;) {
    const u = uniformBelow(t, source);
    if (!bernoulliExp(u, t, source)) continue;
    const v = geometricExpOne(source);
    const negative = source.bits(1) === 1;
    // A sum beyond 2^53 stays beyond when it is rounded, so a safe one was exact. One beyond is never 0 after division by a safe s.
    const scaled = u + t * v;
    if (scaled > Number.MAX_SAFE_INTEGER) {
      const big = (BigInt(u) + BigInt(t) * BigInt(v)) / BigInt(s);
      return negative ? -big : big;
    }
    const magnitude = (scaled - (scaled % s)) / s;
    if (negative && magnitude === 0) continue;
    return negative ? -magnitude : magnitude;
  }
}

/** As {@link drawLaplace}, without a limit on t and s: the same bits give the same draw. */
export function drawLaplaceBig(t: bigint, s: bigint, source: BitSource): bigint {
  for (;;) {
    const u = uniformBelowBig(t, source);
    if (!bernoulliExpBig(u, t, source)) continue;
    const v = geometricExpOne(source);
    const negative = source.bits(1) === 1;
    const magnitude = (u + t * BigInt(v)) / s;
    if (negative && magnitude === 0n) continue;
    return negative ? -magnitude : magnitude;
  }
}

/** The sampler of scale `scale`, in Numbers where they are exact. RangeError unless the scale is positive. */
export function discreteLaplace(scale: Rational): Sampler {
  if (compare(scale, zero) <= 0) throw new RangeError('the scale of Laplace noise must be positive');
  const [t, s] = [Number(scale.num), Number(scale.den)];
  if (!Number.isSafeInteger(t) || !Number.isSafeInteger(s)) return discreteLaplaceBig(scale);
  return (source) => BigInt(drawLaplace(t, s, source));
}

/** The sampler in BigInt throughout: the reference that the fast one is tested against. */
export function discreteLaplaceBig({ num, den }: Rational): Sampler {
  return (source) => drawLaplaceBig(num, den, source);
}
