import { expect, test } from '@jest/globals';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import type { CommandContext } from '../../shared/command.ts';
import type { CaseRow } from '../domain/review.ts';
import { assignReview } from './review.ts';

// Goal: a case is never given to somebody who cannot come to decide it.
test.each([
  ['nobody', null],
  ['somebody who has left', { state: 'MIGRATED' }],
] as const)('a case is not given to %s', async (_name, props: Pick<NodeProps['Creator'], 'state'> | null) => {
  const tx = { get: () => Promise.resolve([props && { id: 'ivo', version: 1, props }]) };
  const actor = { id: 'guardian', source: 'CREATOR' };
  const context = { tx, actor, nowIso: '2026-01-01T00:00:00.000Z' } as unknown as CommandContext;
  const row = { state: 'OPEN', parties: ['imvu:curator'], seq: 0, case_id: 'c' } as unknown as CaseRow;
  expect(await assignReview(context, { row, expectedVersion: 0, assigneeId: 'ivo', dueAt: null })).toMatchObject({
    ok: false,
    errors: [{ code: 'NOT_FOUND', path: ['input', 'assigneeId'] }],
  });
});
