/** Goal: mass functions sum to one, have their published values, and the chi-square test knows right draws from wrong ones. */
import { describe, expect, test } from '@jest/globals';
import { chiSquareTail, goodnessOfFit } from './goodness-of-fit.ts';
import { gaussianDistribution, laplaceDistribution } from './mass.ts';

describe('mass functions', () => {
  test('discrete Laplace of epsilon 1', () => {
    const { mass, variance } = laplaceDistribution(1);
    expect(Math.abs(mass(0) - 0.46211715726)).toBeLessThan(1e-9);
    expect(Math.abs(variance - 1.841347188416)).toBeLessThan(1e-9);
  });

  test('discrete Gaussian of sigma 1', () => {
    const { mass, variance } = gaussianDistribution(1);
    expect(Math.abs(mass(0) - 0.398942278266862)).toBeLessThan(1e-9);
    expect(Math.abs(variance - 0.999999788767728)).toBeLessThan(1e-9);
  });

  test.each([
    ['Gaussian 0.3', gaussianDistribution(0.3)],
    ['Gaussian 200', gaussianDistribution(200)],
    ['Laplace 0.4', laplaceDistribution(0.4)],
    ['Laplace 9', laplaceDistribution(9)],
  ])('%s sums to one and has its variance', (_, { mass, variance }) => {
    let [sum, squares] = [0, 0];
    for (let x = -800; x <= 800; x += 1) [sum, squares] = [sum + mass(x), squares + x * x * mass(x)];
    expect(sum).toBeCloseTo(1, 12);
    expect(squares / variance).toBeCloseTo(1, 11);
  });
});

describe('chi-square', () => {
  test.each([
    [3.841458820694124, 1, 0.05],
    [5.991464547107979, 2, 0.05],
    [11.344866730144373, 3, 0.01],
    [18.307038053275146, 10, 0.05],
    [124.34211340400407, 101, 0.0575],
  ])('P(> %d) with %d degrees of freedom', (statistic, degrees, p) => {
    expect(chiSquareTail(statistic, degrees)).toBeCloseTo(p, degrees > 100 ? 2 : 10);
  });

  test('accepts exact proportions and finds sigma that is a tenth too small', () => {
    const draw = (mass: (x: number) => number): number[] =>
      Array.from({ length: 121 }, (_, index) => index - 60).flatMap((x) =>
        Array.from({ length: Math.round(100_000 * mass(x)) }, () => x),
      );
    const { mass } = gaussianDistribution(100);
    expect(goodnessOfFit(draw(mass), mass).p).toBeGreaterThan(0.99);
    expect(goodnessOfFit(draw(gaussianDistribution(81).mass), mass).p).toBeLessThan(1e-100);
    expect(() => goodnessOfFit([1, 2], mass)).toThrow(RangeError);
  });
});
