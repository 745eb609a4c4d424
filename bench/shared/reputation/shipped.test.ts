import { expect, test } from '@jest/globals';
import type { Rating } from './ratings.ts';
import { shippedFormula } from './shipped.ts';

// Goal: whatever the people of a network are called, the formula takes them for people.
const expectOf = (name: (n: number) => string): readonly number[] => {
  const predictor = shippedFormula([name(0), name(1), name(3)], { walksPerSeed: 100 });
  const rate = (rater: number, rated: number, value: number, atMs: number): Rating => ({
    rater: name(rater),
    rated: name(rated),
    value,
    atMs,
  });
  for (const [n, pair] of [
    [0, 1],
    [1, 2],
    [3, 2],
    [3, 4],
    [4, 5],
    [2, 1],
  ].entries())
    predictor.learn(rate(pair[0] as number, pair[1] as number, n % 2 === 0 ? 1 : -1, n));
  return [1, 2, 3, 4, 5].map((n) => predictor.expect(name(n), 10));
};

test.each<[string, (n: number) => string]>([
  ['platforms', (n) => `platform:${n}`],
  ['keys', (n) => ['s', 'a|b', 'c', 'a', 'b|c', '%7C'][n] as string],
])('people who are called like %s are people', (_what, name) => {
  expect(expectOf(name)).toEqual(expectOf((n) => `p${n}`));
});

test('goal: what readers are shown is a score that stands, made anew as time passes for others; expectations are of the moment', () => {
  const predictor = shippedFormula(['seed'], { walksPerSeed: 100 });
  predictor.learn({ rater: 'seed', rated: 'a', value: 1, atMs: 0 });
  const [shown, expected] = [predictor.shown?.('a'), predictor.expect('a', 0)];
  expect([shown, expected]).toEqual([3 / 3.5, 3 / 3.5]);
  const yearMs = 365 * 86_400_000;
  const aYearLater = predictor.expect('a', yearMs);
  expect(aYearLater).toBeLessThan(expected);
  expect(predictor.shown?.('a')).toBe(shown);
  predictor.learn({ rater: 'seed', rated: 'b', value: 1, atMs: yearMs });
  expect(predictor.shown?.('a')).toBeCloseTo(aYearLater, 12);
});
