import { describe, expect, test } from '@jest/globals';
import { decideBlock } from './block.ts';
import { type PairState, decideEnd, decideStart } from './pair.ts';

// Goal: what stands between two people is told in a fixed order, and a block stands against beginnings only.
const free: PairState = {
  isSelf: false,
  isFromKnown: true,
  isToKnown: true,
  isGone: false,
  blockedBy: null,
  stands: false,
};
const wording = { field: 'creatorId', repeated: 'already' };

describe('beginning and ending a relationship', () => {
  test('between two who know nothing of each other: begins; once it stands: ends', () => {
    expect(decideStart(free, wording).ok).toBe(true);
    expect(decideEnd({ ...free, stands: true }, wording).ok).toBe(true);
  });

  test.each([
    ['oneself', { isSelf: true }, 'SELF_REFERENCE', 'input.creatorId'],
    ['an actor without a creator', { isFromKnown: false }, 'NOT_FOUND', 'input'],
    ['nobody known', { isToKnown: false }, 'NOT_FOUND', 'input.creatorId'],
    ['somebody who has left', { isGone: true }, 'INVALID', 'input.creatorId'],
    ['a blocked one', { blockedBy: 'FROM' }, 'BLOCKED', 'input.creatorId'],
    ['one who blocks', { blockedBy: 'TO' }, 'BLOCKED', 'input.creatorId'],
    ['once more', { stands: true }, 'ALREADY_DONE', 'input.creatorId'],
  ] as const)('with %s: does not begin', (_name, change, code, path) => {
    expect(decideStart({ ...free, ...change }, wording)).toMatchObject({
      ok: false,
      errors: [{ code, path: path.split('.') }],
    });
  });

  test('a block does not keep anybody in a relationship; what is not there cannot end', () => {
    expect(decideEnd({ ...free, stands: true, blockedBy: 'TO' }, wording).ok).toBe(true);
    expect(decideEnd(free, wording)).toMatchObject({ ok: false, errors: [{ code: 'ALREADY_DONE' }] });
    expect(decideEnd({ ...free, isSelf: true }, wording)).toMatchObject({
      ok: false,
      errors: [{ code: 'SELF_REFERENCE' }],
    });
  });
});

describe('blocking', () => {
  const apart = { ...free, isFollowing: false, isFollowed: false };
  test('ends follows both ways, and tells each', () => {
    expect(decideBlock(apart)).toEqual({ ok: true, value: [{ change: 'BLOCKED', direction: 'OUT' }] });
    expect(decideBlock({ ...apart, isFollowing: true, isFollowed: true })).toEqual({
      ok: true,
      value: [
        { change: 'BLOCKED', direction: 'OUT' },
        { change: 'UNFOLLOWED', direction: 'OUT' },
        { change: 'UNFOLLOWED', direction: 'IN' },
      ],
    });
  });

  test('who is blocked may block too; twice is told; oneself is not blocked', () => {
    expect(decideBlock({ ...apart, blockedBy: 'TO' }).ok).toBe(true);
    expect(decideBlock({ ...apart, blockedBy: 'FROM', stands: true })).toMatchObject({
      ok: false,
      errors: [{ code: 'ALREADY_DONE' }],
    });
    expect(decideBlock({ ...apart, isSelf: true })).toMatchObject({ ok: false, errors: [{ code: 'SELF_REFERENCE' }] });
  });
});
