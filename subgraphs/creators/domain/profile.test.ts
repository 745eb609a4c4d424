import { describe, expect, test } from '@jest/globals';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import { decideProfileUpdate, decideVisibility } from './profile.ts';

// Goal: what changes is exactly what is given and differs; nothing to change is told as such.
const creator: NodeProps['Creator'] = {
  username: 'ada',
  usernameKey: 'ada',
  identity: 'vcos|ada',
  displayName: 'Ada',
  bio: 'paints',
  creatorType: 'ARTIST',
  skills: ['oil'],
  state: 'ACTIVE',
  registeredAt: '2018-01-01T00:00:00.000Z',
  lastActiveAt: '2018-01-01T00:00:00.000Z',
  publicMetrics: ['QUALITY'],
};
const free = { creator, isUsernameTaken: false };

describe('updating the profile', () => {
  test('changes what differs only', () => {
    expect(decideProfileUpdate(free, { displayName: 'Ada L.', bio: 'paints' })).toEqual({
      ok: true,
      value: { displayName: 'Ada L.' },
    });
    expect(decideProfileUpdate(free, { username: 'Ada', creatorType: 'CURATOR' })).toEqual({
      ok: true,
      value: { username: 'Ada', creatorType: 'CURATOR' },
    });
  });

  test.each([
    ['nothing given', {}, 'ALREADY_DONE'],
    ['nothing new', { bio: 'paints' }, 'ALREADY_DONE'],
    ['a blank name', { displayName: '  ' }, 'INVALID'],
    ['a control character', { bio: 'a\u0000b' }, 'INVALID'],
    ['a bad username', { username: 'a b' }, 'INVALID'],
  ])('%s: refused', (_name, command, code) => {
    expect(decideProfileUpdate(free, command)).toMatchObject({ ok: false, errors: [{ code }] });
  });

  test('a taken username: refused', () => {
    expect(decideProfileUpdate({ creator, isUsernameTaken: true }, { username: 'bob' })).toMatchObject({
      ok: false,
      errors: [{ code: 'TAKEN', path: ['input', 'username'] }],
    });
  });
});

describe('deciding what is public', () => {
  test('another set is taken in order, the same set is told', () => {
    expect(decideVisibility(creator, ['QUALITY', 'COMMUNITY', 'QUALITY'])).toEqual({
      ok: true,
      value: ['COMMUNITY', 'QUALITY'],
    });
    expect(decideVisibility(creator, [])).toEqual({ ok: true, value: [] });
    expect(decideVisibility(creator, ['QUALITY'])).toMatchObject({ ok: false, errors: [{ code: 'ALREADY_DONE' }] });
  });
});
