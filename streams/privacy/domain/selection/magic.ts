/**
 * Which private keys are shown: the selection that shows most for its (epsilon, delta). Source: Desfontaines, Voss, Gipson,
 * Mandayam 2022 ("Differentially private partition selection"), theorem 1, with everything in exact fractions.
 */
import {
  type Rational,
  add,
  compare,
  divide,
  multiply,
  one,
  rational,
  subtract,
  zero,
} from '../../../../schema/metrics/rational.ts';
import { type BitSource, uniformBelowBig } from '../samplers/bit-source.ts';

export interface MagicSelection {
  /** A fraction not above e^epsilon: rounded down it only gives more privacy. 2 stands for epsilon = ln 2. */
  readonly expEpsilon: Rational;
  readonly delta: Rational;
}

/** Bits of a probability. Rounding down keeps both inequalities below, as each is checked against the rounded predecessor. */
const precision = 128n;
/** Most accounts that a table counts one by one. */
const accountsMax = 100_000;

const roundDown = ({ num, den }: Rational): Rational => rational((num << precision) / den, 1n << precision);
const smaller = (a: Rational, b: Rational): Rational => (compare(a, b) <= 0 ? a : b);

/**
 * p_n, the probability of showing a key that n accounts touched, for n = 0, 1, … up to the first that is 1:
 * p_n = min(e^eps p_{n-1} + delta, 1 - e^-eps (1 - p_{n-1} - delta), 1). RangeError unless expEpsilon >= 1 and 0 < delta < 1,
 * or where the table would be longer than 100,000.
 */
export function magicProbabilities({ expEpsilon, delta }: MagicSelection): readonly Rational[] {
  if (compare(expEpsilon, one) < 0) throw new RangeError('epsilon must not be negative');
  if (compare(delta, zero) <= 0 || compare(delta, one) >= 0) throw new RangeError('delta must lie between 0 and 1');
  const table = [zero];
  for (let last = zero; compare(last, one) < 0; table.push(last)) {
    if (table.length > accountsMax)
      throw new RangeError(`epsilon and delta are too small: more than ${accountsMax} accounts`);
    const rising = add(multiply(expEpsilon, last), delta);
    const falling = subtract(one, divide(subtract(subtract(one, last), delta), expEpsilon));
    last = roundDown(smaller(smaller(rising, falling), one));
  }
  return table;
}

/** Whether to show a key that `accounts` accounts touched; beyond the table's end always. Draws bits for untouched keys too. */
export function selects(accounts: number, table: readonly Rational[], source: BitSource): boolean {
  const { num, den } = table[Math.min(accounts, table.length - 1)] ?? zero;
  const scale = 1n << precision;
  return uniformBelowBig(scale, source) < (num * scale) / den;
}
