import { describe, expect, test } from '@jest/globals';
import { type CaseRow, decideAssignment, decideRuling, decideVote, maySeeCase, reconciliationOf } from './review.ts';

const row: CaseRow = {
  ...{ case_id: 'STATE:e1', seq: 3, entity_type: 'Artifact', entity_id: 'w', kind: 'STATE', event_ids: ['e1'] },
  ...{ parties: ['ada', 'platform:x'], state: 'OPEN', strategy: 'MANUAL', verdict: 'OPEN', favours: '' },
  ...{ decider: 'system:canon', reason: 'r', assignee: 'rita', due_at: null, escalations: 0, log_key: 'w' },
  ...{ opened_at: '2024-01-01 00:00:00.000', moved_at: '2024-01-01 00:00:00.000' },
};
const contest: CaseRow = { ...row, event_ids: ['e1', 'e2'] };
const codesOf = (decision: { ok: boolean; errors?: readonly { code: string }[] }): unknown =>
  decision.ok ? 'ok' : decision.errors?.map(({ code }) => code);

describe('who sees a case', () => {
  test.each([
    ['a party', 'ada', [], true],
    ['its reviewer', 'rita', [], true],
    ['a guardian', null, ['guardian'], true],
    ['an auditor', null, ['audit'], true],
    ['an elector', 'eva', ['elector'], true],
    ['nobody else', 'otto', ['read', 'write'], false],
    ['nobody without a creator', null, ['write'], false],
  ])('%s', (_who, creatorId, scopes, sees) => {
    expect(maySeeCase(row, { creatorId, scopes })).toBe(sees);
  });
});

describe('a decision', () => {
  const ask = { verdict: 'ACCEPT', favours: null, note: null, expectedVersion: 3 } as const;
  const by = (id: string, isGuardian = false) => ({ ...ask, by: { id, isGuardian } });
  test.each([
    ['by its reviewer', row, by('rita'), 'ok'],
    ['by a guardian', row, by('gwen', true), 'ok'],
    ['by anybody else', row, by('otto'), ['FORBIDDEN']],
    ['by a party, guardian or not', row, by('ada', true), ['FORBIDDEN']],
    ['by a party that it is assigned to', { ...row, assignee: 'ada' }, by('ada'), ['FORBIDDEN']],
    ['of no case', null, by('gwen', true), ['NOT_FOUND']],
    ['of what is decided', { ...row, state: 'RESOLVED' as const }, by('rita'), ['ALREADY_DONE']],
    ['of what moved on', row, { ...by('rita'), expectedVersion: 2 }, ['CONFLICT']],
    [
      'to fork once more',
      { ...row, state: 'FORKED' as const },
      { ...by('rita'), verdict: 'FORK' as const },
      ['ALREADY_DONE'],
    ],
    ['to merge one event', row, { ...by('rita'), verdict: 'MERGE' as const }, ['INVALID']],
    ['with an endless note', row, { ...by('rita'), note: 'x'.repeat(2_001) }, ['INVALID']],
    ['of a contest without a winner', contest, by('rita'), ['INVALID']],
    ['of a contest for a stranger', contest, { ...by('rita'), favours: 'e3' }, ['INVALID']],
    ['of a contest for one of them', contest, { ...by('rita'), favours: 'e2' }, 'ok'],
  ])('%s', (_what, about, asked, expected) => {
    expect(codesOf(decideRuling(about, asked))).toEqual(expected);
  });
});

describe('an assignment', () => {
  const ask = { actorId: 'gwen', assigneeId: 'rita', isAssigneeKnown: true, expectedVersion: 3 };
  const at = { dueAt: null, nowIso: '2024-01-01T00:00:00.000Z' } as const;
  test.each([
    ['to a creator', {}, 'ok'],
    ['to nobody known', { isAssigneeKnown: false }, ['NOT_FOUND']],
    ['to a party', { assigneeId: 'ada' }, ['FORBIDDEN']],
    ['by a party', { actorId: 'ada' }, ['FORBIDDEN']],
    ['until yesterday', { dueAt: '2023-12-31T00:00:00.000Z' }, ['INVALID']],
    ['until next year', { dueAt: '2025-01-01T00:00:00.000Z' }, ['INVALID']],
  ])('%s', (_what, change, expected) => {
    expect(codesOf(decideAssignment(row, { ...ask, ...at, ...change }))).toEqual(expected);
  });

  test('has three days unless somebody says otherwise', () => {
    expect(decideAssignment(row, { ...ask, ...at })).toMatchObject({ value: { dueAt: '2024-01-04T00:00:00.000Z' } });
  });
});

test('votes are for open cases and strangers to them', () => {
  const ask = { actorId: 'eva', isFor: true, favours: null, expectedVersion: 3 };
  expect(codesOf(decideVote(row, ask))).toBe('ok');
  expect(codesOf(decideVote(row, { ...ask, actorId: 'ada' }))).toEqual(['FORBIDDEN']);
  expect(codesOf(decideVote({ ...row, state: 'FORKED' }, ask))).toEqual(['INVALID']);
});

test('a branch of one event is adopted or rejected; of a contest, one side wins', () => {
  const forked = { ...contest, favours: 'e1' };
  expect(reconciliationOf(row, 'e1', 'ADOPT')).toEqual({ verdict: 'ACCEPT', favours: null });
  expect(reconciliationOf(row, 'e1', 'ABANDON')).toEqual({ verdict: 'REJECT', favours: null });
  expect(reconciliationOf(forked, 'e2', 'ADOPT')).toEqual({ verdict: 'ACCEPT', favours: 'e2' });
  expect(reconciliationOf(forked, 'e2', 'ABANDON')).toEqual({ verdict: 'ACCEPT', favours: 'e1' });
});
