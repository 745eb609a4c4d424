import { describe, expect, test } from '@jest/globals';
import { spaceKinds, spaceRoles } from '../../../schema/graph/catalogue.ts';
import { isSeen, mayInvite, mayPost, mayRemove, mayWatch } from './space.ts';

const roles = [...spaceRoles, null];

describe('rights in a space', () => {
  test('nobody gives or takes a role that they could not have made', () => {
    const table = roles.map((role) =>
      spaceRoles
        .map((target) => (mayInvite(role, target) ? '+' : '-') + (mayRemove(role, target) ? '+' : '-'))
        .join(' '),
    );
    expect(table).toEqual(['++ ++ ++ ++', '-- -- ++ ++', '-- -- -- --', '-- -- -- --', '-- -- -- --']);
  });

  test('members and above post', () => {
    expect(roles.map(mayPost)).toEqual([true, true, true, false, false]);
  });

  test('a space is watched by its members, a SOCIAL one by every creator, none by strangers without a login', () => {
    for (const kind of spaceKinds) {
      expect(mayWatch(kind, { id: 'eve', role: null })).toBe(kind === 'SOCIAL');
      expect(mayWatch(kind, { id: 'bob', role: 'OBSERVER' })).toBe(true);
      expect(mayWatch(kind, { id: null, role: null })).toBe(false);
      expect(isSeen(kind, { role: null, isInvited: false })).toBe(kind === 'SOCIAL');
      expect(isSeen(kind, { role: null, isInvited: true })).toBe(true);
    }
  });
});
