/** Goal: the exact Gaussian curve has its published values and its shape. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gaussianDelta, gaussianSigma } from './gaussian.ts';
import { millsRatio, normalDensity, normalUpperQuantile, normalUpperTail } from './normal.ts';

const relative = (got: number, wanted: number): number => Math.abs(got / wanted - 1);

describe('the normal distribution', () => {
  test.each([
    [0, 0.5],
    [1, 0.158655253931457],
    [-1, 0.841344746068543],
    [2, 0.0227501319481792],
    [3, 0.00134989803163009],
    [6, 9.86587645037698e-10],
    [10, 7.61985302416052e-24],
    [-9, 1],
  ])('P(X > %d) is %d', (x, tail) => {
    expect(relative(normalUpperTail(x), tail)).toBeLessThan(1e-11);
  });

  test('series and fraction meet where one takes over from the other', () => {
    expect(relative(millsRatio(2.5 - 1e-12), millsRatio(2.5))).toBeLessThan(1e-11);
  });

  test('the quantile undoes the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 20, noNaN: true }), (x) => {
        const slope = normalDensity(x) / normalUpperTail(x);
        expect(Math.abs(normalUpperQuantile(normalUpperTail(x)) - x)).toBeLessThan(1e-9 + 1e-14 / slope);
      }),
    );
    expect(() => normalUpperQuantile(0)).toThrow(RangeError);
  });
});

describe('Gaussian delta', () => {
  test.each([
    [10, 1, 0.1, 0.00875176814581, 1e-9],
    [10, 5, Math.log(3), 0.004159742234000802, 1e-9],
    [0.5, 1, 0, 0.6826894921370859, 1e-9],
    [1, 1, 1, 0.12693674, 1e-7],
    [1, 3, 1, 0.78760074, 1e-7],
    [1, 1, 2, 0.02092364, 1e-6],
  ])('of sigma %d, sensitivity %d, epsilon %d is %d', (sigma, sensitivity, epsilon, delta, tolerance) => {
    const got = gaussianDelta({ sigma, sensitivity }, epsilon);
    expect(relative(got, delta)).toBeLessThan(tolerance);
    expect(Math.abs(got - delta)).toBeLessThan(1e-8);
  });

  test('falls with epsilon and sigma, and stays a probability at the extremes', () => {
    const positive = fc.double({ min: 0.01, max: 50, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.double({ min: 0, max: 30, noNaN: true }), (sigma, sensitivity, epsilon) => {
        const delta = gaussianDelta({ sigma, sensitivity }, epsilon);
        expect(delta).toBeGreaterThanOrEqual(0);
        expect(delta).toBeLessThanOrEqual(1);
        const slack = delta * (1 + 1e-9) + 1e-300;
        expect(gaussianDelta({ sigma, sensitivity }, epsilon + 0.1)).toBeLessThanOrEqual(slack);
        expect(gaussianDelta({ sigma: sigma * 1.1, sensitivity }, epsilon)).toBeLessThanOrEqual(slack);
      }),
    );
    expect(gaussianDelta({ sigma: 0.001, sensitivity: 1 }, 1000)).toBe(1);
    expect(() => gaussianDelta({ sigma: 0, sensitivity: 1 }, 1)).toThrow(RangeError);
  });
});

describe('analytic sigma', () => {
  test.each([
    [1, 1e-5, 3.730631634816],
    [1, 1e-6, 4.224678889327],
    [0.5, 1e-6, 8.057618480725],
  ])('for epsilon %d, delta %d is %d', (epsilon, delta, sigma) => {
    expect(Math.abs(gaussianSigma({ epsilon, delta }) - sigma)).toBeLessThan(1e-9);
  });

  test('is enough, barely, and grows with the sensitivity', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.constantFrom(1e-3, 1e-6, 1e-10),
        (epsilon, delta) => {
          const sigma = gaussianSigma({ epsilon, delta });
          expect(gaussianDelta({ sigma, sensitivity: 1 }, epsilon)).toBeLessThanOrEqual(delta);
          expect(gaussianDelta({ sigma: sigma * 0.9999, sensitivity: 1 }, epsilon)).toBeGreaterThan(delta);
          expect(relative(gaussianSigma({ epsilon, delta }, 3), 3 * sigma)).toBeLessThan(1e-9);
        },
      ),
      { numRuns: 30 },
    );
    expect(() => gaussianSigma({ epsilon: 1, delta: 0 })).toThrow('delta');
  });
});
