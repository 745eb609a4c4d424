/** Goal: fractions are exact, have one text each, and meet doubles without losing a bit. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Rational,
  add,
  compare,
  divide,
  formatRational,
  multiply,
  parseRational,
  rational,
  rationalOf,
  subtract,
  toNumber,
  zero,
} from './rational.ts';

const fractions: fc.Arbitrary<Rational> = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 30n }))
  .map(([num, den]) => rational(num, den));

describe('rational', () => {
  test.each([
    ['0.005', '1/200'],
    ['6/4', '3/2'],
    ['-0.50', '-1/2'],
    ['7', '7'],
    ['0/9', '0'],
  ])('%s is %s', (text, canonical) => {
    expect(formatRational(parseRational(text))).toBe(canonical);
  });

  test.each(['', '1/', '1e3', ' 1', '1/-2', '0x1', '.5', '1.5/2', '1/0', '9'.repeat(201)])('refuses %j', (text) => {
    expect(() => parseRational(text)).toThrow(RangeError);
  });

  test('a text read back is the same fraction', () => {
    fc.assert(fc.property(fractions, (value) => compare(parseRational(formatRational(value)), value) === 0));
  });

  test('addition is associative and subtraction undoes it; multiplication and division likewise', () => {
    fc.assert(
      fc.property(fractions, fractions, fractions, (a, b, c) => {
        expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
        expect(subtract(add(a, b), b)).toEqual(a);
        if (compare(b, zero) !== 0) expect(divide(multiply(a, b), b)).toEqual(a);
      }),
    );
  });

  test('every finite double is a fraction and comes back as it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(toNumber(rationalOf(value))).toBe(value + 0);
      }),
    );
    expect(() => rationalOf(Number.NaN)).toThrow(RangeError);
  });

  test('huge and tiny fractions become doubles without overflow on the way', () => {
    expect(toNumber(rational(10n ** 400n, 10n ** 395n))).toBe(100_000);
    expect(toNumber(rational(1n, 10n ** 300n))).toBeCloseTo(1e-300, 310);
    expect(toNumber(rational(-1n, 3n))).toBeCloseTo(-1 / 3, 15);
  });
});
