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
