import { describe, expect, test } from '@jest/globals';
import { creatorStates } from '../../../schema/graph/catalogue.ts';
import { decideStateChange, lifecycleOf } from './lifecycle.ts';
import { decideOwnChange } from './ownership.ts';

// Goal: only the moves of the documented lifecycle are possible, and absence shows by itself.
describe('lifecycle', () => {
  test('the legal moves, and no others', () => {
    const legal = creatorStates.flatMap((from) =>
      creatorStates.filter((to) => decideStateChange(from, to).ok).map((to) => `${from} → ${to}`),
    );
    expect(legal).toEqual([
      'INITIATE → ACTIVE',
      'INITIATE → ARCHIVED',
      'INITIATE → MIGRATED',
      'ACTIVE → ARCHIVED',
      'ACTIVE → MIGRATED',
      'ARCHIVED → ACTIVE',
      'ARCHIVED → MIGRATED',
    ]);
    expect(decideStateChange('ACTIVE', 'ACTIVE')).toMatchObject({ errors: [{ code: 'ALREADY_DONE' }] });
    expect(decideStateChange('MIGRATED', 'ACTIVE')).toMatchObject({
      errors: [{ code: 'INVALID', message: expect.stringMatching(/for good/) }],
    });
  });

  test('30 days of absence are dormancy, for those who may sleep', () => {
    const lastActiveAt = '2018-03-01T12:00:00.000Z';
    const before = '2018-03-31T11:59:59.999Z';
    const after = '2018-03-31T12:00:00.000Z';
    expect(lifecycleOf({ state: 'ACTIVE', lastActiveAt }, before)).toBe('ACTIVE');
    expect(lifecycleOf({ state: 'ACTIVE', lastActiveAt }, after)).toBe('DORMANT');
    expect(lifecycleOf({ state: 'INITIATE', lastActiveAt }, after)).toBe('DORMANT');
    expect(lifecycleOf({ state: 'ARCHIVED', lastActiveAt }, after)).toBe('ARCHIVED');
    expect(lifecycleOf({ state: 'MIGRATED', lastActiveAt }, after)).toBe('MIGRATED');
  });
});

describe('changing what is one’s own', () => {
  const creator = { version: 3, props: { state: 'ACTIVE' } } as const;
  test('at the version that was read: decided', () => {
    expect(decideOwnChange(creator, 3)).toEqual({ ok: true, value: creator });
  });
  test.each([
    ['somebody unknown', null, 'NOT_FOUND'],
    ['another version', { ...creator, version: 4 }, 'CONFLICT'],
    ['somebody who migrated', { ...creator, props: { state: 'MIGRATED' } } as const, 'FORBIDDEN'],
  ])('%s: refused', (_name, state, code) => {
    expect(decideOwnChange(state, 3)).toMatchObject({ ok: false, errors: [{ code }] });
  });
});
