import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkVariables } from './variables.ts';

// Goal: variables are as large as they are counted by hand, and a refusal names the limit.
const limits = { variableCharacters: 100, variableValues: 10, variableDepth: 3 };
const roomy = { variableCharacters: 1_000_000, variableValues: 1_000_000, variableDepth: 1_000 };

describe('the limits of variables', () => {
  test.each<[string, unknown, RegExp]>([
    ['too long a text', { a: 'x'.repeat(101) }, /more than 100 characters/],
    ['too long names', { ['x'.repeat(101)]: 1 }, /more than 100 characters/],
    ['too many items', { a: Array.from({ length: 10 }, () => 1) }, /more than 10 values/],
    ['too deep', { a: [[[[1]]]] }, /more than 3 levels/],
  ])('%s', (_name, variables, message) => {
    const error = checkVariables(variables, limits);
    expect(error?.message).toMatch(message);
    expect(error?.extensions).toMatchObject({ code: 'VARIABLE_LIMIT' });
  });

  test('what is within them passes', () => {
    expect(checkVariables({ a: 'x'.repeat(98), b: [[1, 2]] }, limits)).toBeNull();
    expect(checkVariables({ a: null, b: true }, limits)).toBeNull();
  });

  test('counts each value and character once, whatever the shape', () => {
    const count = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Object.values(value).reduce((sum: number, inner) => sum + count(inner), 1)
        : 1;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (variables) => {
        const values = count(variables) - 1;
        expect(checkVariables(variables, { ...roomy, variableValues: values })).toBeNull();
        if (values > 0) expect(checkVariables(variables, { ...roomy, variableValues: values - 1 })).not.toBeNull();
      }),
    );
  });

  test('a hundred thousand levels do not overflow the stack', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    expect(checkVariables({ deep }, limits)?.message).toMatch(/levels/);
  });
});
