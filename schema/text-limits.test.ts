import { describe, expect, test } from '@jest/globals';
import { findIllFormed, textProblem } from './text-limits.ts';

const limits = { min: 1, max: 5 };

describe('textProblem', () => {
  test('names what is wrong, or nothing', () => {
    expect(textProblem('a\n\tb', limits)).toBeNull();
    expect(textProblem('  ', limits)).toMatch(/at least 1 character that can be seen$/);
    expect(textProblem('\u200b\u2060\ufeff', limits)).toMatch(/at least 1 character/);
    expect(textProblem('\u200d👩\u200d', limits)).toBeNull();
    expect(textProblem('abcdef', limits)).toMatch(/at most 5 characters, not 6/);
    expect(textProblem('👩👩👩', limits)).toBe(
      'must have at most 5 characters, not 6 (UTF-16 code units: an emoji has two or more)',
    );
    expect(textProblem('abcdef', limits)).not.toMatch(/emoji/);
    expect(textProblem('a\u0000', limits)).toMatch(/control/);
    expect(textProblem('a\ud800', limits)).toMatch(/Unicode/);
    expect(textProblem('', { min: 0, max: 5 })).toBeNull();
  });
});

test('the first text that is no Unicode is found by its path', () => {
  expect(findIllFormed({ title: 'fine 👩', tags: ['a', 'b\ud800'] }, ['input'])).toEqual(['input', 'tags', '1']);
  expect(findIllFormed({ a: { '\udc00': 1 } })).toEqual(['a']);
  expect(findIllFormed([null, 1, true, 'fine', {}])).toBeNull();
});
