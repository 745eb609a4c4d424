import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dimensions } from '../../../schema/graph/catalogue.ts';
import { endorsementProblems, keyOf, readTarget, targetOf } from './endorsement.ts';

// Goal: an endorsement names one thing, and its key names the same thing whatever a skill is called.
describe('endorsement targets', () => {
  test('a skill in canonical form, or a dimension; never both, never none', () => {
    expect(readTarget({ skill: ' Oil  Painting ' })).toEqual({ ok: true, value: { skill: 'oil painting' } });
    expect(readTarget({ dimension: 'QUALITY', skill: null })).toEqual({ ok: true, value: { dimension: 'QUALITY' } });
    for (const input of [{}, { skill: 'oil', dimension: 'QUALITY' } as const, { skill: ' ' }]) {
      expect(readTarget(input)).toMatchObject({ ok: false, errors: [{ code: 'INVALID' }] });
    }
  });

  test('keys are read back, and no skill passes for a dimension', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string().map((skill) => ({ skill })),
          fc.constantFrom(...dimensions).map((dimension) => ({ dimension })),
        ),
        (target) => {
          expect(targetOf(keyOf(target))).toEqual(target);
        },
      ),
    );
    expect(targetOf(keyOf({ skill: 'DIMENSION:QUALITY' }))).toEqual({ skill: 'DIMENSION:QUALITY' });
  });

  test('weight and note keep their limits', () => {
    expect(endorsementProblems({ weight: 5, note: 'x'.repeat(500) })).toEqual([]);
    for (const weight of [0, 6, 2.5, Number.NaN])
      expect(endorsementProblems({ weight, note: '' })).toMatchObject([{ code: 'INVALID', path: ['input', 'weight'] }]);
    expect(endorsementProblems({ weight: 1, note: 'x'.repeat(501) })).toMatchObject([
      { code: 'INVALID', path: ['input', 'note'] },
    ]);
  });
});
