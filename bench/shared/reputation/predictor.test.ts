import { expect, test } from '@jest/globals';
import { batchPredictor } from './predictor.ts';

test('goal: a formula over a whole network is computed anew at each 2 % up to a hundred thousand ratings, and a million ratings cost little more', () => {
  const sizes: number[] = [];
  const compute = (ratings: readonly unknown[]): ReadonlyMap<string, number> => {
    sizes.push(ratings.length);
    return new Map();
  };
  const predictor = batchPredictor('any', compute, 0);
  for (let n = 0; n < 1_000_000; n++) {
    predictor.learn({ rater: 'a', rated: 'b', value: 1, atMs: n });
    if (n >= 50_000) predictor.expect('b', n);
  }
  const often = sizes.filter((size) => size <= 100_000);
  for (const [at, size] of often.entries()) if (at > 0) expect(size / (often[at - 1] as number)).toBeCloseTo(1.02, 3);
  const work = sizes.reduce((sum, size) => sum + size, 0);
  expect([often.length, work < 20_000_000]).toEqual([35, true]);
});
