import { expect, test } from '@jest/globals';
import { UniqueConflictError } from '../../engines/graph-store/port.ts';
import type { SubgraphContext } from './context.ts';
import { runCommand } from './mutation.ts';
import { HlcClock } from '../../runtime/hlc-clock.ts';
import { ErasedSubjectError } from './sealing.ts';

test.each([
  ['usernameKey', { username: 'ada' }, ['input', 'username']],
  ['identity', { username: 'ada' }, ['input']],
])('who was first by an instant is told by the field that was sent: %s', async (property, input, path) => {
  const context = {
    viewer: { claims: { issuer: 'test', subject: 'ada' }, creatorId: 'ada' },
    store: { transact: () => Promise.reject(new UniqueConflictError('Creator', property)) },
    masterKey: Buffer.alloc(32),
    loaders: { clear: () => undefined },
  } as unknown as SubgraphContext;
  const { userErrors } = await runCommand(context, { operation: 'updateProfile', input }, () =>
    Promise.reject(new Error('not reached')),
  );
  expect(userErrors).toEqual([{ code: 'TAKEN', message: expect.not.stringContaining(property), path }]);
});

test('that somebody else was erased while a mutation about them runs is told; it is no fault of the platform', async () => {
  const context = {
    viewer: { claims: { issuer: 'test', subject: 'ada' }, creatorId: 'ada' },
    store: { transact: (work: (tx: object) => unknown) => work({}) },
    clock: new HlcClock({ node: 'live:test' }),
    masterKey: Buffer.alloc(32),
    loaders: { clear: () => undefined },
  } as unknown as SubgraphContext;
  const answer = await runCommand(context, { operation: 'postToSpace', input: {} }, () =>
    Promise.reject(new ErasedSubjectError('bob')),
  );
  expect(answer).toEqual({
    value: null,
    eventIds: [],
    userErrors: [{ code: 'NOT_FOUND', message: expect.stringContaining('has been erased'), path: ['input'] }],
  });
});
