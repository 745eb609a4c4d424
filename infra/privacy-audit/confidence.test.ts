/** Goal: the audit's bounds are those of the literature, and hold as often as they say. */
import { expect, test } from '@jest/globals';
import { momentsOf, muAtLeast, rateAtLeast, rateAtMost } from './confidence.ts';

test('Clopper-Pearson bounds are those that can be computed by hand and looked up', () => {
  expect(rateAtMost(0, 10, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 10), 9);
  expect(rateAtLeast(10, 10, 0.05)).toBeCloseTo(0.05 ** (1 / 10), 9);
  // The two-sided 95 % interval of 2 in 10 in every table: 0.0252 to 0.5561.
  expect(rateAtLeast(2, 10, 0.025)).toBeCloseTo(0.0252, 4);
  expect(rateAtMost(2, 10, 0.025)).toBeCloseTo(0.5561, 4);
  expect([rateAtMost(10, 10, 0.05), rateAtLeast(0, 10, 0.05)]).toEqual([1, 0]);
  expect(() => rateAtMost(11, 10, 0.05)).toThrow(RangeError);
});

test('a game that is won now and then proves little, and one that is always won proves much', () => {
  const all = (value: number, count: number): number[] => Array.from({ length: count }, () => value);
  const mixed = (count: number): number[] => Array.from({ length: count }, (_, n) => n % 2);
  expect(muAtLeast({ without: mixed(500), withIt: mixed(500), threshold: 0.5 }, 1e-3)).toBe(0);
  const won = { without: all(0, 500), withIt: all(1, 500), threshold: 0.5 };
  expect(muAtLeast(won, 1e-3)).toBeGreaterThan(4);
  expect(muAtLeast({ ...won, withIt: all(0, 500) }, 1e-3)).toBe(0);
});

test('moments', () => {
  expect(momentsOf([1, 2, 3, 4])).toEqual({ mean: 2.5, variance: 5 / 3 });
});
