import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromFixedPoint, sensitivity2, toFixedPoint } from './fixed-point.ts';
import { ascend, gradient, predict } from './logistic.ts';
import { joinSecret, splitSecret } from './shamir.ts';

// Goal: what bounds a client's influence, and what hides its secrets, holds exactly, for every input.
describe('fixed point', () => {
  const anyVector = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 12 });

  test('no vector is longer than the bound, to the last unit', () => {
    fc.assert(
      fc.property(anyVector, fc.double({ min: 0.01, max: 10, noNaN: true }), fc.nat(100_000), (vector, clip, more) => {
        const fixedPoint = { clip, scale: 1 + more };
        const squares = toFixedPoint(vector, fixedPoint).map((units) => BigInt(units) ** 2n);
        expect(squares.reduce((sum, square) => sum + square, 0n) <= BigInt(sensitivity2(fixedPoint))).toBe(true);
      }),
    );
  });

  test('a short vector comes back within a unit, a long one keeps its direction', () => {
    const fixedPoint = { clip: 1, scale: 1_000 };
    expect(fromFixedPoint(toFixedPoint([0.25, -0.5, 0], fixedPoint), fixedPoint)).toEqual([0.25, -0.5, 0]);
    expect(toFixedPoint([30, -40], fixedPoint)).toEqual([600, -800]);
    expect(toFixedPoint([0, 0], fixedPoint)).toEqual([0, 0]);
  });

  test('what has no length, or no room, is refused', () => {
    expect(() => toFixedPoint([NaN], { clip: 1, scale: 1 })).toThrow('finite');
    expect(() => toFixedPoint([1], { clip: 0, scale: 1 })).toThrow('positive');
    expect(() => sensitivity2({ clip: 2 ** 20, scale: 2 ** 20 })).toThrow('below 2^26');
  });
});

describe('secret sharing', () => {
  const anySecret = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
  const anyCoefficient = fc.bigInt({ min: 0n, max: 2n ** 592n - 1n });

  test('any shares that reach the threshold give the secret', () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 8 }),
        fc.array(anyCoefficient, { minLength: 8, maxLength: 8 }),
        fc.nat(),
        (secret, holders, coefficients, pick) => {
          const threshold = 1 + (pick % holders.length);
          let next = 0;
          const coefficient = (): bigint => coefficients[next++ % 8] ?? 0n;
          const shares = splitSecret(secret, { threshold, holders, coefficient });
          expect(joinSecret(shares.slice(holders.length - threshold))).toBe(secret);
          expect(joinSecret(shares)).toBe(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('one share too few fits every secret alike: there is a polynomial for each', () => {
    const [share] = splitSecret(7n, { threshold: 2, holders: [3, 5], coefficient: () => 99n });
    if (!share) throw new Error('no share');
    // With a second share of their choice, whoever holds one can "prove" any secret.
    const other = (secret: bigint): bigint => secret + (5n * (share.value - secret)) / 3n;
    expect(joinSecret([share, { at: 5, value: other(share.value - 3n) }])).toBe(share.value - 3n);
    expect(joinSecret([share, { at: 5, value: other(share.value - 30n) }])).toBe(share.value - 30n);
  });

  test('bad plans are refused', () => {
    const coefficient = (): bigint => 1n;
    expect(() => splitSecret(1n, { threshold: 3, holders: [1, 2], coefficient })).toThrow('cannot reach');
    expect(() => splitSecret(1n, { threshold: 1, holders: [1, 1], coefficient })).toThrow('place of its own');
    expect(() => splitSecret(1n, { threshold: 1, holders: [0], coefficient })).toThrow('from 1 on');
    expect(() => splitSecret(1n << 256n, { threshold: 1, holders: [1], coefficient })).toThrow('32 bytes');
    expect(() =>
      joinSecret([
        { at: 1, value: 1n },
        { at: 1, value: 2n },
      ]),
    ).toThrow('one place');
  });
});

describe('logistic regression', () => {
  const examples = Array.from({ length: 40 }, (_, n) => ({ features: [1, (n % 8) / 8 - 0.5], isPositive: n % 8 > 3 }));

  test('the gradient is that of the log-likelihood', () => {
    const weights = [0.3, -1.2];
    const likelihood = (at: readonly number[]): number =>
      examples.reduce((sum, { features, isPositive }) => {
        const p = predict(at, features);
        return sum + Math.log(isPositive ? p : 1 - p);
      }, 0);
    const found = gradient(weights, examples);
    const h = 1e-6;
    expect(found[0]).toBeCloseTo((likelihood([0.3 + h, -1.2]) - likelihood([0.3 - h, -1.2])) / (2 * h), 4);
    expect(found[1]).toBeCloseTo((likelihood([0.3, -1.2 + h]) - likelihood([0.3, -1.2 - h])) / (2 * h), 4);
  });

  test('ascending finds what separates', () => {
    let model = { weights: [0, 0] as readonly number[], velocity: [0, 0] as readonly number[] };
    for (let step = 0; step < 300; step += 1)
      model = ascend(
        model,
        gradient(model.weights, examples).map((value) => value / 40),
        { step: 0.5, momentum: 0.9, decay: 0.001 },
      );
    expect(examples.every(({ features, isPositive }) => predict(model.weights, features) > 0.5 === isPositive)).toBe(
      true,
    );
  });
});
