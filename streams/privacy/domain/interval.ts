import { type Rational, toNumber } from '../../../schema/metrics/rational.ts';

/** Standard deviations that are summed over: what lies beyond has a mass below 1e-300. */
const reach = 38;

/**
 * The smallest whole h with P(|X| <= h) >= level for discrete Gaussian noise X of this variance. It depends on the noise alone,
 * never on data. RangeError unless 0 < level < 1.
 */
export function noiseHalfWidth(sigma2: Rational, level: number): bigint {
  if (!(level > 0 && level < 1)) throw new RangeError('the level must lie between 0 and 1');
  const variance = toNumber(sigma2);
  const weight = (x: number): number => Math.exp(-(x * x) / (2 * variance));
  const end = Math.ceil(Math.sqrt(variance) * reach) + 1;
  let total = 0;
  for (let x = end; x >= 1; x -= 1) total += 2 * weight(x);
  total += 1;
  let inside = 1;
  let half = 0;
  while (inside < level * total) {
    half += 1;
    inside += 2 * weight(half);
  }
  return BigInt(half);
}
