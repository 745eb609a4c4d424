import { describe, expect, test } from '@jest/globals';
import { canonStatuses } from '../../../schema/warehouse/tables.ts';
import { mayRead } from './access.ts';

describe('who may read an event', () => {
  const readable = (creatorId: string | null, ...scopes: string[]): string[] =>
    canonStatuses.filter((status) => mayRead({ status, actor: 'ada' }, { creatorId, scopes }));

  test('everybody what is canonical, the actor and guardians what is open, auditors what was rejected', () => {
    expect(readable('bob')).toEqual(['CANONICAL']);
    expect(readable(null)).toEqual(['CANONICAL']);
    expect(readable('ada')).toEqual(['CANONICAL', 'PROVISIONAL', 'PROPOSED', 'EMERGENT']);
    expect(readable('bob', 'guardian')).toEqual(['CANONICAL', 'PROVISIONAL', 'PROPOSED', 'EMERGENT']);
    expect(readable('bob', 'audit')).toEqual(['CANONICAL', 'NON_CANONICAL']);
    expect(readable('ada', 'write', 'read')).not.toContain('NON_CANONICAL');
  });
});
