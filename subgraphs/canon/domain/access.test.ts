import { describe, expect, test } from '@jest/globals';
import { canonStatuses } from '../../../schema/warehouse/tables.ts';
import { mayRead, mayShare } from './access.ts';

describe('who may read an event', () => {
  const readable = (creatorId: string | null, ...scopes: string[]): string[] =>
    canonStatuses.filter((status) => mayRead({ id: 'e', status, actor: 'ada' }, { creatorId, scopes }));

  test('everybody what is canonical, the actor and guardians what is open, auditors what was rejected', () => {
    expect(readable('bob')).toEqual(['CANONICAL']);
    expect(readable(null)).toEqual(['CANONICAL']);
    expect(readable('ada')).toEqual(['CANONICAL', 'PROVISIONAL', 'PROPOSED', 'EMERGENT']);
    expect(readable('bob', 'guardian')).toEqual(['CANONICAL', 'PROVISIONAL', 'PROPOSED', 'EMERGENT']);
    expect(readable('bob', 'audit')).toEqual(['CANONICAL', 'NON_CANONICAL']);
    expect(readable('ada', 'write', 'read')).not.toContain('NON_CANONICAL');
  });
});

test('permission opens an event that is not decided to its reader alone; its actor and guardians give it', () => {
  const of = (status: (typeof canonStatuses)[number], creatorId: string, ...granted: string[]): boolean =>
    mayRead({ id: 'e', status, actor: 'ada' }, { creatorId, scopes: [], granted: new Set(granted) });
  expect(canonStatuses.filter((status) => of(status, 'bob', 'e'))).toEqual(
    canonStatuses.filter((status) => status !== 'NON_CANONICAL'),
  );
  expect(canonStatuses.filter((status) => of(status, 'bob', 'other'))).toEqual(['CANONICAL']);
  const shares = (creatorId: string, ...scopes: string[]): unknown =>
    canonStatuses.filter((status) => mayShare({ id: 'e', status, actor: 'ada' }, { creatorId, scopes }));
  expect(shares('ada')).toEqual(['PROVISIONAL', 'PROPOSED', 'EMERGENT']);
  expect(shares('bob', 'guardian')).toEqual(['PROVISIONAL', 'PROPOSED', 'EMERGENT']);
  expect(shares('bob', 'audit', 'write')).toEqual([]);
});
