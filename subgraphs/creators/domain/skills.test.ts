import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideSkillAddition, decideSkillRemoval } from './skills.ts';

// Goal: a creator's skills are a small sorted set, whatever is added and removed in which order.
const skill = fc.constantFrom('Oil', 'oil', ' etching ', 'Weaving', 'c++', '', 'x'.repeat(65));
const step = fc.record({ add: fc.boolean(), skills: fc.array(skill, { maxLength: 4 }) });

describe('skills', () => {
  test('stay a sorted set; what was added and removed accounts for every change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let current: readonly string[] = [];
        for (const { add, skills } of steps) {
          const decision = (add ? decideSkillAddition : decideSkillRemoval)(current, skills);
          if (!decision.ok) continue;
          const { added, removed, skills: next } = decision.value;
          expect(next).toEqual([...new Set(next)].sort());
          expect([...next, ...removed].sort()).toEqual([...current, ...added].sort());
          expect(added.length + removed.length).toBeGreaterThan(0);
          current = next;
        }
      }),
    );
  });

  test('nothing to add or remove is told', () => {
    expect(decideSkillAddition(['oil'], ['OIL'])).toMatchObject({ ok: false, errors: [{ code: 'ALREADY_DONE' }] });
    expect(decideSkillRemoval(['oil'], ['c++'])).toMatchObject({ ok: false, errors: [{ code: 'ALREADY_DONE' }] });
  });

  test('50 are the limit', () => {
    const many = Array.from({ length: 50 }, (_, index) => `s${index}`);
    expect(decideSkillAddition(many, ['one more'])).toMatchObject({ ok: false, errors: [{ code: 'LIMIT_EXCEEDED' }] });
  });
});
