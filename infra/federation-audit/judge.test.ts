import { expect, test } from '@jest/globals';
import { judge } from './judge.ts';

// Goal: an answer passes where the audit itself would let it pass, and nowhere else.
const errors = [{ message: 'no' }];

test.each([
  ['the same data, its fields in any order', { data: { a: 1, b: [2] } }, { data: { b: [2], a: 1 } }, 'passed'],
  ['other data', { data: { a: 1 } }, { data: { a: 2 } }, 'failed'],
  ['a list in another order', { data: { a: [1, 2] } }, { data: { a: [2, 1] } }, 'failed'],
  ['a field too many', { data: { a: 1 } }, { data: { a: 1, b: null } }, 'failed'],
  ['no data where null is expected', { data: null, errors: true }, { errors }, 'passed'],
  ['no data where nothing is said of it', { errors: true }, { data: null, errors }, 'passed'],
  ['no errors where they are expected', { data: null, errors: true }, { data: null }, 'failed'],
  ['errors where none may be', { data: { a: 1 }, errors: false }, { data: { a: 1 }, errors }, 'failed'],
  ['errors of which nothing is said', { data: { a: 1 } }, { data: { a: 1 }, errors }, 'passed with errors'],
] as const)('%s', (_, expected, answer, verdict) => {
  expect(judge(expected, answer)).toBe(verdict);
});
