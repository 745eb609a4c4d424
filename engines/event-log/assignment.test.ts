import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assign } from './assignment.ts';

function shareOut(owners: readonly (string | null)[], members: readonly string[]): (string | null)[] {
  return assign(owners.map((owner) => ({ members, owner })));
}

function loads(owners: readonly (string | null)[], members: readonly string[]): number[] {
  return members.map((member) => owners.filter((owner) => owner === member).length);
}

// Goal: partitions are shared out evenly and stay where they are as far as that allows.
describe('the assignment', () => {
  const members = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
  const owners = fc.array(fc.constantFrom<string | null>('a', 'b', 'c', 'd', 'e', null), { maxLength: 20 });

  test('gives every partition to a member, no two loads more than one apart', () => {
    fc.assert(
      fc.property(owners, members, (before, present) => {
        const after = shareOut(before, present);
        expect(after.every((owner) => owner !== null && present.includes(owner))).toBe(true);
        const each = loads(after, present);
        expect(Math.max(...each) - Math.min(...each)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('moves nothing when nobody came or went, and of a member only what is above the others', () => {
    fc.assert(
      fc.property(owners, members, (before, present) => {
        const settled = shareOut(before, present);
        expect(shareOut(settled, present)).toEqual(settled);
        const joined = [...present, 'new'];
        const after = shareOut(settled, joined);
        const moved = after.filter((owner, index) => owner !== settled[index]);
        expect(moved.every((owner) => owner === 'new')).toBe(true);
      }),
    );
  });

  test('goes by who subscribes to the topic, and leaves what nobody wants', () => {
    const claims = [
      { members: ['a'], owner: null },
      { members: ['a', 'b'], owner: 'b' },
      { members: [], owner: 'b' },
    ];
    expect(assign(claims)).toEqual(['a', 'b', null]);
  });
});
