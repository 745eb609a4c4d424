import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { creditProblems } from './credits.ts';

describe('credits', () => {
  test('shares in hundredths pass exactly when they come to 100 % or less', () => {
    const shares = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 12 });
    const property = fc.property(shares, (hundredths) => {
      const credits = hundredths.map((share, index) => ({ creatorId: `c${index}`, sharePercent: share / 100 }));
      const sum = hundredths.reduce((total, share) => total + share, 0);
      expect(creditProblems(credits).length === 0).toBe(sum <= 10_000);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test('three times 33.33 and 0.01 are 100 %; one hundredth more is not', () => {
    const thirds = ['a', 'b', 'c'].map((creatorId) => ({ creatorId, sharePercent: 33.33 }));
    expect(creditProblems([...thirds, { creatorId: 'd', sharePercent: 0.01 }])).toEqual([]);
    expect(creditProblems([...thirds, { creatorId: 'd', sharePercent: 0.02 }])[0]?.message).toMatch(
      /at most 100 %, not 100.01 %/,
    );
  });

  test('what is no share is named by its path', () => {
    for (const sharePercent of [-1, 100.5, 0.001, Number.NaN, Number.POSITIVE_INFINITY]) {
      const [problem] = creditProblems([{ creatorId: 'a', sharePercent }]);
      expect(problem).toMatchObject({ code: 'INVALID', path: ['input', 'credits', '0', 'sharePercent'] });
    }
  });

  test('too many, and somebody twice, are refused', () => {
    const twice = { creatorId: 'a', sharePercent: 1 };
    expect(creditProblems([])).toEqual([]);
    expect(
      creditProblems(Array.from({ length: 65 }, (_, index) => ({ creatorId: `c${index}`, sharePercent: 0 }))),
    ).toHaveLength(1);
    expect(creditProblems([twice, twice])[0]?.message).toMatch(/each creator once/);
  });
});
