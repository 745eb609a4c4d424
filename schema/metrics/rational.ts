/**
 * Exact fractions. Privacy parameters cross processes as text (`1/200`), are computed as fractions and never rounded: what
 * an auditor recomputes from the text is what was spent.
 */
export interface Rational {
  readonly num: bigint;
  /** Positive; the fraction is in lowest terms. */
  readonly den: bigint;
}

/** Digits that a fraction's text may have: bounds the work that parsing a foreign text costs. */
const textMax = 200;
const pattern = /^(-?\d+)(?:\.(\d+)|\/(\d+))?$/;

export const zero: Rational = { num: 0n, den: 1n };
export const one: Rational = { num: 1n, den: 1n };

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** `num / den` in lowest terms. RangeError where `den` is 0. */
export function rational(num: bigint, den = 1n): Rational {
  if (den === 0n) throw new RangeError('a fraction needs a denominator other than 0');
  if (den < 0n) return rational(-num, -den);
  const common = gcd(num, den);
  return { num: num / common, den: den / common };
}

/** Reads `3`, `0.005` or `1/200`. RangeError for any other text. */
export function parseRational(text: string): Rational {
  const match = text.length > textMax ? null : pattern.exec(text);
  if (!match) throw new RangeError('expected a whole number, a decimal or a fraction, like 3, 0.005 or 1/200');
  const [, whole = '', decimals, denominator] = match;
  if (decimals !== undefined) return rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  return rational(BigInt(whole), BigInt(denominator ?? '1'));
}

/** `1/200`, or `3` for a whole number: one text per value, which {@link parseRational} reads back. */
export function formatRational(value: Rational): string {
  return value.den === 1n ? value.num.toString() : `${value.num.toString()}/${value.den.toString()}`;
}

export const add = (a: Rational, b: Rational): Rational => rational(a.num * b.den + b.num * a.den, a.den * b.den);
export const subtract = (a: Rational, b: Rational): Rational => rational(a.num * b.den - b.num * a.den, a.den * b.den);
export const multiply = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den);
/** RangeError where `b` is 0. */
export const divide = (a: Rational, b: Rational): Rational => rational(a.num * b.den, a.den * b.num);

/** Negative where a < b, 0 where they are equal, positive where a > b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The fraction that a double is, exactly. RangeError for NaN and infinities. */
export function rationalOf(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError('only a finite number is a fraction');
  let [scaled, den] = [value, 1n];
  while (!Number.isInteger(scaled)) [scaled, den] = [scaled * 2, den * 2n];
  return rational(BigInt(scaled), den);
}

/** The fraction as a double, within a relative error of 2^-52. For formulas and display; never on the way to noise. */
export function toNumber(value: Rational): number {
  const negative = value.num < 0n;
  const num = negative ? -value.num : value.num;
  const shift = value.den.toString(2).length - num.toString(2).length + 64;
  const quotient = shift >= 0 ? (num << BigInt(shift)) / value.den : num / (value.den << BigInt(-shift));
  // In two steps: 2^-shift alone may lie below the smallest double.
  const half = Math.trunc(shift / 2);
  const magnitude = Number(quotient) * 2 ** -half * 2 ** (half - shift);
  return negative ? -magnitude : magnitude;
}
