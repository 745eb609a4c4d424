/** Goal: selection and thresholds have their published values and are exactly as private as they say. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  add,
  compare,
  multiply,
  one,
  parseRational,
  rational,
  subtract,
  toNumber,
} from '../../../../schema/metrics/rational.ts';
import { seededBits } from '../testing.ts';
import { magicProbabilities, selects } from './magic.ts';
import { gaussianThreshold, laplaceThreshold } from './thresholds.ts';

describe('magic selection', () => {
  const table = magicProbabilities({ expEpsilon: rational(2n), delta: parseRational('0.1') });

  test('at epsilon ln 2, delta 0.1', () => {
    const wanted = [0, 0.1, 0.3, 0.7, 0.9, 1, 1];
    const got = wanted.map((_, n) => toNumber(table[Math.min(n, table.length - 1)] ?? one));
    for (const [n, p] of wanted.entries()) expect(Math.abs((got[n] ?? 0) - p)).toBeLessThan(1e-9);
  });

  test('neighbouring counts differ by no more than (epsilon, delta), exactly', () => {
    const tenths = fc.bigInt({ min: 10n, max: 40n }).map((num) => rational(num, 10n));
    fc.assert(
      fc.property(tenths, fc.bigInt({ min: 2n, max: 10n ** 6n }), (expEpsilon, deltaInverse) => {
        const delta = rational(1n, deltaInverse);
        if (compare(expEpsilon, one) === 0 && deltaInverse > 1000n) return;
        const p = magicProbabilities({ expEpsilon, delta });
        expect(compare(p.at(-1) ?? rational(0n), one)).toBe(0);
        for (let n = 1; n < p.length; n += 1) {
          const [less, more] = [p[n - 1] ?? one, p[n] ?? one];
          const pairs = [
            [more, less],
            [less, more],
            [subtract(one, more), subtract(one, less)],
            [subtract(one, less), subtract(one, more)],
          ] as const;
          for (const [a, b] of pairs) expect(compare(a, add(multiply(expEpsilon, b), delta))).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('nobody never shows, enough accounts always do, and both take the same bits', () => {
    const [none, many] = [seededBits(1), seededBits(1)];
    for (let n = 0; n < 200; n += 1) {
      expect(selects(0, table, none)).toBe(false);
      expect(selects(1_000_000, table, many)).toBe(true);
    }
    expect(none.taken()).toBe(many.taken());
  });

  test('a draw shows just below its probability and hides just above', () => {
    const half = magicProbabilities({ expEpsilon: one, delta: parseRational('1/2') });
    const [below, above] = [0, 1].map((first) => {
      let isFirst = true;
      return {
        bits: (count: number): number => {
          const head = isFirst ? first : 1 - first;
          const rest = (1 - first) * (2 ** (count - 1) - 1);
          isFirst = false;
          return head * 2 ** (count - 1) + rest;
        },
      };
    });
    expect(below && selects(1, half, below)).toBe(true);
    expect(above && selects(1, half, above)).toBe(false);
  });

  test.each([
    { expEpsilon: parseRational('0.9'), delta: parseRational('0.1') },
    { expEpsilon: one, delta: rational(0n) },
    { expEpsilon: one, delta: parseRational('1/1000000000') },
  ])('refuses what cannot be (%#)', (selection) => {
    expect(() => magicProbabilities(selection)).toThrow(RangeError);
  });
});

describe('thresholds', () => {
  test.each([
    [1, 1, Math.log(3), 1e-10, 21.33],
    [10, 10, 10 * Math.log(3), 1e-9, 213.28],
  ])('Laplace, l0 %d, linf %d, epsilon %d, delta %d: %d', (l0, linf, epsilon, delta, threshold) => {
    expect(Math.abs(laplaceThreshold({ l0, linf, epsilon, delta }) - threshold)).toBeLessThan(0.01);
  });

  test.each([
    [0.022750131948, 3],
    [3e-5, 5.012810811118],
  ])('Gaussian, sigma 1, l0 1, delta %d: %d', (delta, threshold) => {
    expect(Math.abs(gaussianThreshold({ sigma: 1, l0: 1, linf: 1, delta }) - threshold)).toBeLessThan(1e-9);
  });

  test('a large delta puts the Laplace threshold below linf, continuously', () => {
    const at = (delta: number): number => laplaceThreshold({ l0: 1, linf: 1, epsilon: 1, delta });
    expect(at(0.5)).toBeCloseTo(1, 12);
    expect(at(0.75)).toBeCloseTo(1 + Math.log(0.5), 12);
    expect(() => at(1)).toThrow(RangeError);
  });
});
