/** What the declarations promise, computed apart from the code that is judged by it. */
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import {
  type Rational,
  add,
  compare,
  divide,
  formatRational,
  multiply,
  parseRational,
  rational,
} from '../../schema/metrics/rational.ts';
import { metrics } from '../../schema/metrics/catalogue.ts';

/** Squared norm of the longest column of the square root of partial sums on a lattice of 2^10 with its columns brought to one norm: the coefficients are C(2k, k) / 4^k. */
function totalsSensitivity2(horizon: number): bigint {
  const coefficients = [1];
  for (let k = 1; k < horizon; k += 1) coefficients.push(((coefficients[k - 1] ?? 0) * (2 * k - 1)) / (2 * k));
  const norms2: number[] = [];
  for (const each of coefficients) norms2.push((norms2.at(-1) ?? 0) + each * each);
  let longest = 0;
  for (let length = 1; length <= horizon; length += 1) {
    const gain = 1_024 * Math.sqrt((norms2[horizon - 1] ?? 1) / (norms2[length - 1] ?? 1));
    let norm2 = 0;
    for (let k = 0; k < length; k += 1) norm2 += Math.ceil((coefficients[k] ?? 0) * gain - 0.5) ** 2;
    longest = Math.max(longest, norm2);
  }
  return BigInt(longest);
}

const square = (value: Rational): Rational => multiply(value, value);

/** A fraction just above the root of a whole number, to a millionth. */
const rootAbove = (value: number): Rational => rational(BigInt(Math.ceil(Math.sqrt(value) * 1e6)), 1_000_000n);

/** Squared L2 sensitivity of one account-day by privacy.md: l0 linf² for each level of a tree; with two principals (l0 + sqrt(keys) linf)²; of waits two pairs for each kind of act, of which those of joint work show twice: (2 + 2)² + 2². */
export function claimedSensitivity2(metric: DeclaredMetric): Rational {
  const { l0, linf, principals, quantiles, horizon, keys, waitDaysMax } = metric;
  if (waitDaysMax !== undefined) return rational(4n ** 2n + 2n ** 2n);
  if (principals === 2)
    return square(add(rational(BigInt(l0)), multiply(rootAbove(keys.length), rational(BigInt(linf)))));
  const levels = quantiles?.layout === 'TREE' ? BigInt(Math.log2(quantiles.edges.length - 1)) : 1n;
  const counts = rational(BigInt(l0) * BigInt(linf) ** 2n * levels);
  return horizon === undefined ? counts : multiply(counts, rational(totalsSensitivity2(horizon)));
}

/** Where sigma², the cost of a cell, or the sum of all costs is not what the bounds and rho of the declarations ask for. */
export function declarationFaults(): readonly string[] {
  const faults: string[] = [];
  let spent = rational(0n);
  for (const metric of metrics) {
    const due = divide(claimedSensitivity2(metric), multiply(rational(2n), metric.rho));
    // The audit's root is rounded up to a millionth as well, by another way: as good as equal is enough.
    const ratio = divide(metric.sigma2, due);
    if (compare(ratio, parseRational('0.999999')) < 0 || compare(ratio, parseRational('1.000001')) > 0)
      faults.push(
        `${metric.id}: sigma² is ${formatRational(metric.sigma2)}, and l0, linf and rho ask for ${formatRational(due)}`,
      );
    spent = add(spent, metric.rho);
  }
  if (compare(spent, parseRational('0.005')) > 0) faults.push('the metrics together cost more than 0.005');
  return faults;
}
