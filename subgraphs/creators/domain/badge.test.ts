import { describe, expect, test } from '@jest/globals';
import { decideBadgeAward } from './badge.ts';

// Goal: a badge is recorded once, for somebody known, by a platform only.
const fine = { isPlatform: true, isKnown: true, isAwarded: false };
const badge = { badge: 'Teacher', about: null };

describe('awarding a badge', () => {
  test('attested by a platform: nothing stands against it', () => {
    expect(decideBadgeAward(fine, badge)).toEqual([]);
    expect(decideBadgeAward(fine, { badge: 'Teacher', about: 'q-1' })).toEqual([]);
  });
  test.each([
    ['by a creator', { ...fine, isPlatform: false }, badge, 'FORBIDDEN'],
    ['to nobody known', { ...fine, isKnown: false }, badge, 'NOT_FOUND'],
    ['twice', { ...fine, isAwarded: true }, badge, 'ALREADY_DONE'],
    ['without a name', fine, { ...badge, badge: '' }, 'INVALID'],
    ['about too much', fine, { ...badge, about: 'x'.repeat(65) }, 'INVALID'],
  ])('%s: refused', (_name, state, command, code) => {
    expect(decideBadgeAward(state, command)).toMatchObject([{ code }]);
  });
});
