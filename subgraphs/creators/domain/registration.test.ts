import { describe, expect, test } from '@jest/globals';
import { type Registration, decideRegistration } from './registration.ts';

// Goal: a login gets one creator, with a name that nobody else has and texts within their limits; all faults are told at once.
const free = { isRegistered: false, isUsernameTaken: false };
const ada: Registration = {
  username: 'Ada-1',
  displayName: 'Ada',
  bio: '',
  creatorType: 'ARTIST',
  skills: ['  Oil ', 'oil', 'ETCHING'],
  publicMetrics: ['QUALITY', 'COMMUNITY', 'QUALITY'],
};

function problems(state: typeof free, command: Registration): readonly string[] {
  const decision = decideRegistration(state, command);
  return decision.ok ? [] : decision.errors.map(({ code, path }) => `${code} ${path.join('.')}`);
}

describe('registering', () => {
  test('a free name: registered, skills and metrics in order', () => {
    expect(decideRegistration(free, ada)).toEqual({
      ok: true,
      value: { ...ada, skills: ['etching', 'oil'], publicMetrics: ['COMMUNITY', 'QUALITY'] },
    });
  });

  test('without a display name: the username serves', () => {
    expect(decideRegistration(free, { ...ada, displayName: ' ' })).toMatchObject({
      ok: true,
      value: { displayName: 'Ada-1' },
    });
  });

  test('a login with a creator, a taken name: refused', () => {
    expect(problems({ ...free, isRegistered: true }, ada)).toEqual(['ALREADY_DONE input']);
    expect(problems({ ...free, isUsernameTaken: true }, ada)).toEqual(['TAKEN input.username']);
  });

  test.each(['ab', 'x'.repeat(33), 'ada lovelace', 'adä', '', 'Erased-0123456789abcdef0123'])(
    'the username %j: refused',
    (username) => {
      expect(problems(free, { ...ada, username, displayName: 'Ada' })).toEqual(['INVALID input.username']);
    },
  );

  test('every fault is told at once', () => {
    const faulty = {
      ...ada,
      username: '!',
      displayName: 'x'.repeat(129),
      bio: 'x'.repeat(2_001),
      skills: ['fine', ''],
    };
    expect(problems(free, faulty)).toEqual([
      'INVALID input.username',
      'INVALID input.displayName',
      'INVALID input.bio',
      'INVALID input.skills.1',
    ]);
    expect(problems(free, { ...ada, skills: Array.from({ length: 51 }, (_, index) => `s${index}`) })).toEqual([
      'LIMIT_EXCEEDED input.skills',
    ]);
  });
});
