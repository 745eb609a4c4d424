import { describe, expect, test } from '@jest/globals';
import { type ContributeFacts, decideContribute } from './contribute.ts';
import { ada, bob, codes, known, platform } from './testing.ts';

const facts: ContributeFacts = { actor: bob, artifactId: 'work', artifact: known(), isBlocked: false };
const edit = { contribution: 'EDIT', merged: false, text: 'a typo' } as const;
const comment = { ...edit, contribution: 'COMMENT' } as const;

describe('contributing', () => {
  test('the text is not in the public payload', () => {
    const decision = decideContribute(facts, edit);
    expect(decision).toMatchObject({ ok: true, value: { contribution: 'EDIT', merged: false, artifactId: 'work' } });
    expect(JSON.stringify(decision)).not.toMatch(/typo/);
    expect(codes(decideContribute({ ...facts, actor: platform }, { ...comment, text: '' }))).toEqual([]);
  });

  test('one revises one’s own work, but may comment on it', () => {
    expect(decideContribute({ ...facts, actor: ada }, edit)).toMatchObject({
      errors: [{ code: 'SELF_REFERENCE', path: ['input', 'kind'] }],
    });
    expect(codes(decideContribute({ ...facts, actor: ada }, comment))).toEqual([]);
  });

  test('the blocked, the blind and the long-winded are refused', () => {
    expect(codes(decideContribute({ ...facts, isBlocked: true }, comment))).toEqual(['BLOCKED']);
    expect(codes(decideContribute({ ...facts, artifact: known({ visibility: 'PRIVATE' }) }, comment))).toEqual([
      'NOT_FOUND',
    ]);
    expect(codes(decideContribute(facts, { ...comment, text: 'x'.repeat(10_001) }))).toEqual(['INVALID']);
  });
});
