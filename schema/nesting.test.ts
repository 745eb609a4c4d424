import { expect, test } from '@jest/globals';
import { nestsDeeper } from './nesting.ts';

// Goal: what is as deep as it may be passes, one level more does not, and a limit bounds the walk itself.
test('lists and objects are levels, what stands in them is none', () => {
  for (const value of [null, 1, 'text']) expect(nestsDeeper(value, 0)).toBe(false);
  for (const value of [[], {}]) expect([nestsDeeper(value, 0), nestsDeeper(value, 1)]).toEqual([true, false]);
  const value = { a: 1, b: [{ c: null }] };
  expect([nestsDeeper(value, 2), nestsDeeper(value, 3)]).toEqual([true, false]);
});

test('what nests far beyond the limit is found without going there', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(nestsDeeper(deep, 64)).toBe(true);
});
