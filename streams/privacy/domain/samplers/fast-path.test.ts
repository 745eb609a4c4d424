/** Goal: Numbers give what BigInts give, bit for bit, also where a draw leaves the safe integers half-way. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Rational, rational } from '../../../../schema/metrics/rational.ts';
import { seededBits } from '../testing.ts';
import { bernoulliExp, bernoulliExpBig } from './bernoulli-exp.ts';
import { type BitSource, uniformBelow, uniformBelowBig } from './bit-source.ts';
import { discreteGaussian, discreteGaussianBig } from './discrete-gaussian.ts';
import { type Sampler, discreteLaplace, discreteLaplaceBig } from './discrete-laplace.ts';

const seeds = fc.integer();
const safe = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
/** Numerators and denominators of every size, from those that fit easily to those that never do. */
const parts = fc.integer({ min: 1, max: 60 }).chain((bits) => fc.bigInt({ min: 1n, max: 1n << BigInt(bits) }));
const fractions: fc.Arbitrary<Rational> = fc.tuple(parts, parts).map(([num, den]) => rational(num, den));

/** Both samplers' draws and how many bits they took. */
function same<T>(fast: (source: BitSource) => T, slow: (source: BitSource) => T, seed: number): void {
  const [left, right] = [seededBits(seed), seededBits(seed)];
  for (let n = 0; n < 5; n += 1) {
    expect(fast(left)).toBe(slow(right));
    expect(left.taken()).toBe(right.taken());
  }
}

const sameSamplers = (fast: (parameter: Rational) => Sampler, slow: (parameter: Rational) => Sampler): void =>
  fc.assert(
    fc.property(fractions, seeds, (parameter, seed) => same(fast(parameter), slow(parameter), seed)),
    { numRuns: 600 },
  );

describe('Number path = BigInt path', () => {
  test('uniform integers, up to 2^53 - 1', () => {
    fc.assert(
      fc.property(safe, seeds, (n, seed) =>
        same(
          (source) => BigInt(uniformBelow(n, source)),
          (source) => uniformBelowBig(BigInt(n), source),
          seed,
        ),
      ),
    );
    for (const n of [2 ** 30, 2 ** 30 + 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]) {
      same(
        (source) => BigInt(uniformBelow(n, source)),
        (source) => uniformBelowBig(BigInt(n), source),
        n,
      );
    }
  });

  test('Bernoulli exp(-p/q)', () => {
    fc.assert(
      fc.property(safe, safe, seeds, (p, q, seed) =>
        same(
          (source) => bernoulliExp(p, q, source),
          (source) => bernoulliExpBig(BigInt(p), BigInt(q), source),
          seed,
        ),
      ),
    );
  });

  test('discrete Laplace', () => sameSamplers(discreteLaplace, discreteLaplaceBig));

  test('discrete Gaussian', () => sameSamplers(discreteGaussian, discreteGaussianBig));

  test.each([
    ['Laplace: t v passes 2^53', discreteLaplace, discreteLaplaceBig, rational(2n ** 52n + 1n, 3n)],
    ['Laplace: largest safe scale', discreteLaplace, discreteLaplaceBig, rational(2n ** 53n - 1n)],
    ['Gaussian: q just within 2^53', discreteGaussian, discreteGaussianBig, rational(67_000_000n)],
    ['Gaussian: far draws pass the root', discreteGaussian, discreteGaussianBig, rational(9_000_001n, 40n)],
    ['Gaussian: numerator past the root', discreteGaussian, discreteGaussianBig, rational(94_906_267n, 94_906_264n)],
  ])('%s', (_, fast, slow, parameter) => {
    for (let seed = 0; seed < 300; seed += 1) same(fast(parameter), slow(parameter), seed);
  });
});

test.each([0n, -1n])('no noise of size %d', (size) => {
  expect(() => discreteLaplace(rational(size))).toThrow('positive');
  expect(() => discreteGaussian(rational(size))).toThrow('positive');
});
