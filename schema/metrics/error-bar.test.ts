/** Goal: an error bar is the smallest one that keeps its level, for single releases and for sums, from the variance alone. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorBar, errorBarHalfWidth, gaussianNormaliser } from './error-bar.ts';
import { type Rational, parseRational, rational, rationalOf } from './rational.ts';

/** Mass of a discrete Gaussian at 0, 1, 2, …, by plain summation. */
function masses(sigma2: number): number[] {
  const reach = Math.ceil(12 * Math.sqrt(sigma2)) + 2;
  const weights = Array.from({ length: reach }, (_, x) => Math.exp(-(x * x) / (2 * sigma2)));
  const total = weights.reduceRight((sum, weight) => sum + 2 * weight, 0) - 1;
  return weights.map((weight) => weight / total);
}

/** Mass at 0, 1, 2, … of the sum of two independent symmetric variables. */
function convolve(a: readonly number[], b: readonly number[]): number[] {
  const at = (list: readonly number[], x: number): number => list[Math.abs(x)] ?? 0;
  return Array.from({ length: a.length + b.length }, (_, z) => {
    let sum = 0;
    for (let x = 1 - a.length; x < a.length; x += 1) sum += at(a, x) * at(b, z - x);
    return sum;
  });
}

/** P(|X| > m). */
const outside = (mass: readonly number[], m: number): number =>
  mass.slice(m + 1).reduceRight((sum, p) => sum + 2 * p, 0);

const levels = fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.99, 0.999);

describe('error bar of one release', () => {
  test('is the smallest that keeps the level', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 3000, noNaN: true }), levels, (sigma2, level) => {
        const half = errorBarHalfWidth([rationalOf(sigma2)], level);
        const mass = masses(sigma2);
        expect(outside(mass, half)).toBeLessThanOrEqual((1 - level) * (1 + 1e-9));
        if (half > 0) expect(outside(mass, half - 1)).toBeGreaterThan((1 - level) * (1 - 1e-9));
      }),
    );
  });

  test('of the first metric: sigma² 200 at 95 %', () => {
    expect(errorBar(-3, { sigma2s: [rational(200n)], level: 0.95 })).toEqual({ level: 0.95, low: -31, high: 25 });
  });

  test('of very wide noise is the normal one, rounded outwards by less than a thousandth', () => {
    for (const sigma of [1e5, 1e8, 1e12]) {
      const ratio = errorBarHalfWidth([rationalOf(sigma * sigma)], 0.95) / sigma;
      expect(ratio).toBeGreaterThan(1.95996398);
      expect(ratio).toBeLessThan(1.9604);
    }
  });
});

describe('error bar of a sum', () => {
  const variances = fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 2, maxLength: 4 });

  test('keeps the level of the exact convolution, narrow noise included', () => {
    fc.assert(
      fc.property(variances, levels, (sigma2s, level) => {
        const half = errorBarHalfWidth(sigma2s.map(rationalOf), level);
        const mass = sigma2s.map(masses).reduce(convolve);
        expect(outside(mass, half)).toBeLessThanOrEqual((1 - level) * (1 + 1e-9));
        const wide = sigma2s.every((sigma2) => sigma2 >= 1.5);
        if (wide && half > 0) expect(outside(mass, half - 1)).toBeGreaterThan((1 - level) * (1 - 1e-6));
      }),
      { numRuns: 60 },
    );
  });

  test('adds variances: a month of hours is as wide as one release of 744 times the variance', () => {
    const hours: Rational[] = Array.from({ length: 744 }, () => rational(200n));
    expect(errorBarHalfWidth(hours, 0.95)).toBe(errorBarHalfWidth([rational(148_800n)], 0.95));
  });
});

test('the normaliser is the plain sum on both sides of its switch', () => {
  for (const sigma2 of [0.1, 0.5, 0.999, 1, 1.7, 40]) {
    expect(gaussianNormaliser(sigma2) * (masses(sigma2)[0] ?? 0)).toBeCloseTo(1, 13);
  }
});

test.each([
  () => errorBarHalfWidth([], 0.9),
  () => errorBarHalfWidth([rational(1n)], 1),
  () => errorBarHalfWidth([rational(1n)], 0),
  () => errorBarHalfWidth([parseRational('0')], 0.9),
])('refuses what has no meaning (%#)', (call) => {
  expect(call).toThrow(RangeError);
});
