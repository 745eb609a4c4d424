/**
 * Goal: over all bit strings, every outcome has exactly the probability that it should have. All strings up to a length are tried; what
 * they decide is a lower bound of an outcome's probability, and with what they leave open an upper bound. The truth must lie between,
 * and the gap must be small. That is a proof up to the gap, not a statistic.
 */
import { describe, expect, test } from '@jest/globals';
import { rational } from '../../../../schema/metrics/rational.ts';
import { gaussianDistribution, laplaceDistribution } from '../mass.ts';
import { listedBits, outOfBits } from '../testing.ts';
import { bernoulliExp, bernoulliExpBig, bernoulliExpOne } from './bernoulli-exp.ts';
import { type BitSource, uniformBelow, uniformBelowBig } from './bit-source.ts';
import { discreteGaussian, discreteGaussianBig } from './discrete-gaussian.ts';
import { discreteLaplace, discreteLaplaceBig } from './discrete-laplace.ts';

interface Tree {
  readonly decided: ReadonlyMap<string, number>;
  /** Probability of the strings that decide nothing. */
  readonly open: number;
}

/** Tries all bit strings of up to `bitsMax` bits, the longer ones only where their beginnings were too short. */
function tryAll(draw: (source: BitSource) => unknown, bitsMax: number): Tree {
  const decided = new Map<string, number>();
  let open = 0;
  const walk = (list: number, length: number): void => {
    const source = listedBits(list, length);
    try {
      const outcome = String(draw(source));
      if (source.taken() !== length) throw new Error('a draw ended before the bits that it had asked for');
      decided.set(outcome, (decided.get(outcome) ?? 0) + 2 ** -length);
    } catch (error) {
      if (error !== outOfBits) throw error;
      if (length === bitsMax) open += 2 ** -length;
      else for (const bit of [0, 1]) walk(list * 2 + bit, length + 1);
    }
  };
  walk(0, 0);
  return { decided, open };
}

function expectMass({ decided, open }: Tree, mass: (outcome: string) => number, gapMax: number): void {
  expect(open).toBeLessThan(gapMax);
  for (const [outcome, lower] of decided) {
    expect(mass(outcome)).toBeGreaterThanOrEqual(lower - 1e-12);
    expect(mass(outcome)).toBeLessThanOrEqual(lower + open + 1e-12);
  }
}

describe('uniform integers', () => {
  test.each([1, 2, 3, 5, 6, 7, 8, 12])('below %d', (n) => {
    expectMass(
      tryAll((source) => uniformBelow(n, source), 16),
      () => 1 / n,
      0.02,
    );
    expectMass(
      tryAll((source) => uniformBelowBig(BigInt(n), source), 16),
      () => 1 / n,
      0.02,
    );
  });
});

describe('Bernoulli exp(-p/q)', () => {
  test.each([
    [0, 1],
    [1, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [5, 7],
    [2, 1],
    [5, 2],
  ])('%d/%d', (p, q) => {
    const mass = (outcome: string): number => (outcome === 'true' ? Math.exp(-p / q) : -Math.expm1(-p / q));
    expectMass(
      tryAll((source) => bernoulliExp(p, q, source), 18),
      mass,
      0.03,
    );
    expectMass(
      tryAll((source) => bernoulliExpBig(BigInt(p), BigInt(q), source), 18),
      mass,
      0.03,
    );
  });

  test('the case 1/1 by itself, to one in a thousand', () => {
    const mass = (outcome: string): number => (outcome === 'true' ? Math.exp(-1) : -Math.expm1(-1));
    expectMass(tryAll(bernoulliExpOne, 23), mass, 1e-3);
  });
});

describe('noise', () => {
  // The BigInt forms are compared with these bit for bit elsewhere, so they need fewer strings.
  test.each([
    [1n, 1n, 0.1],
    [2n, 1n, 0.15],
    [3n, 2n, 0.4],
    [1n, 2n, 0.15],
  ])('Laplace of scale %d/%d', (num, den, gapMax) => {
    const { mass } = laplaceDistribution(Number(num) / Number(den));
    const scale = rational(num, den);
    expectMass(tryAll(discreteLaplace(scale), 18), (x) => mass(Number(x)), gapMax);
    expectMass(tryAll(discreteLaplaceBig(scale), 14), (x) => mass(Number(x)), 0.6);
  });

  test.each([
    [1n, 1n, 0.5],
    [1n, 2n, 0.4],
    [2n, 1n, 0.4],
  ])('Gaussian of sigma² %d/%d', (num, den, gapMax) => {
    const { mass } = gaussianDistribution(Number(num) / Number(den));
    const sigma2 = rational(num, den);
    expectMass(tryAll(discreteGaussian(sigma2), 18), (x) => mass(Number(x)), gapMax);
    expectMass(tryAll(discreteGaussianBig(sigma2), 14), (x) => mass(Number(x)), 0.6);
  });
});
