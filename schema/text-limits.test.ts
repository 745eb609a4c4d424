import { describe, expect, test } from '@jest/globals';
import { textProblem } from './text-limits.ts';

const limits = { min: 1, max: 5 };

describe('textProblem', () => {
  test('names what is wrong, or nothing', () => {
    expect(textProblem('a\n\tb', limits)).toBeNull();
    expect(textProblem('  ', limits)).toMatch(/at least 1 character$/);
    expect(textProblem('abcdef', limits)).toMatch(/at most 5 characters, not 6/);
    expect(textProblem('a\u0000', limits)).toMatch(/control/);
    expect(textProblem('a\ud800', limits)).toMatch(/Unicode/);
    expect(textProblem('', { min: 0, max: 5 })).toBeNull();
  });
});
