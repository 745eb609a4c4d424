/** Goal: the published values of the tight conversion, the safe side of every rounding, and exact composition. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Rational,
  add,
  compare,
  parseRational,
  rational,
  rationalOf,
  toNumber,
} from '../../../../schema/metrics/rational.ts';
import { epsilonOf } from '../../../../schema/metrics/epsilon.ts';
import { compose, gaussianRho, gaussianSigma2, pureRho, squaredSensitivity, zcdpDelta, zcdpRho } from './zcdp.ts';

const rhos = fc.double({ min: 1e-3, max: 5, noNaN: true });
const epsilonAt = (rho: number, delta: number): number => epsilonOf(rationalOf(rho), delta);
const deltas = fc.constantFrom(1e-6, 1e-9, 1e-12);
const exactRhos: fc.Arbitrary<Rational> = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }))
  .map(([num, den]) => rational(num, den));

describe('conversion', () => {
  test.each([
    [0.05, 1e-6, 1.471594751],
    [0.5, 1e-9, 6.474070021],
  ])('rho %d at delta %d is epsilon %d', (rho, delta, epsilon) => {
    expect(Math.abs(epsilonAt(rho, delta) - epsilon)).toBeLessThan(1e-9);
  });

  test.each([
    [1, 1e-6, 0.0243559704],
    [2, 1e-9, 0.0561305018],
  ])('epsilon %d at delta %d allows rho %d', (epsilon, delta, rho) => {
    expect(Math.abs(zcdpRho(epsilon, delta) - rho)).toBeLessThan(1e-9);
  });

  test('the default budget: a day, a week, 30 days, and a lifetime at epsilon 4', () => {
    const daily = parseRational('0.005');
    const days = (count: number): number => epsilonOf(compose(Array.from({ length: count }, () => daily)), 1e-9);
    expect(days(1)).toBeCloseTo(0.565, 3);
    expect(days(7)).toBeCloseTo(1.56, 2);
    expect(days(30)).toBeCloseTo(3.37, 2);
    expect(zcdpRho(4, 1e-9)).toBeCloseTo(0.206, 3);
  });

  test('no a on a fine grid gives a smaller delta', () => {
    for (const [rho, epsilon] of [
      [0.005, 0.5],
      [0.05, 1],
      [0.5, 6],
    ] as const) {
      const best = zcdpDelta(rho, epsilon);
      for (let a = 1.01; a < 400; a *= 1.01) {
        const value = (Math.exp((a - 1) * (a * rho - epsilon)) / (a - 1)) * (1 - 1 / a) ** a;
        expect(best).toBeLessThanOrEqual(value * (1 + 1e-9));
      }
    }
  });

  test('rounding is on the safe side and loses next to nothing', () => {
    fc.assert(
      fc.property(rhos, deltas, (rho, delta) => {
        const epsilon = epsilonAt(rho, delta);
        expect(zcdpDelta(rho, epsilon)).toBeLessThanOrEqual(delta);
        const back = zcdpRho(epsilon, delta);
        expect(zcdpDelta(back, epsilon)).toBeLessThanOrEqual(delta);
        expect(back / rho).toBeCloseTo(1, 9);
        expect(epsilonAt(rho * 1.001, delta)).toBeGreaterThan(epsilon);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    () => epsilonAt(0, 1e-9),
    () => epsilonAt(1, 0),
    () => epsilonAt(1, 1),
    () => zcdpRho(0, 1e-9),
    () => zcdpDelta(1, -1),
    () => zcdpDelta(Number.NaN, 1),
  ])('refuses what has no meaning (%#)', (call) => {
    expect(call).toThrow(RangeError);
  });
});

describe('exact costs', () => {
  test('sigma² and rho determine each other', () => {
    const sensitivity2 = squaredSensitivity({ l0: 2, linf: 1 });
    expect(gaussianSigma2(sensitivity2, parseRational('0.005'))).toEqual(rational(200n));
    expect(gaussianRho(sensitivity2, rational(200n))).toEqual(rational(1n, 200n));
    expect(squaredSensitivity({ l0: 3, linf: 5 })).toEqual(rational(75n));
    expect(pureRho(parseRational('0.1'))).toEqual(rational(1n, 200n));
    expect(() => gaussianRho(sensitivity2, rational(0n))).toThrow('positive');
    expect(() => gaussianSigma2(sensitivity2, rational(-1n))).toThrow('positive');
  });

  test('composition adds, in any grouping and order', () => {
    fc.assert(
      fc.property(fc.array(exactRhos, { maxLength: 6 }), fc.array(exactRhos, { maxLength: 6 }), (some, others) => {
        const together = compose([...some, ...others]);
        expect(add(compose(some), compose(others))).toEqual(together);
        expect(compose([...others, ...some])).toEqual(together);
        expect(compare(together, compose(some))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('a thousand small costs lose nothing, where doubles would', () => {
    const total = compose(Array.from({ length: 1000 }, () => parseRational('0.1')));
    expect(total).toEqual(rational(100n));
    expect(toNumber(total)).toBe(100);
  });
});
