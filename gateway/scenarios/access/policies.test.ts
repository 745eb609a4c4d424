import { describe, expect, test } from '@jest/globals';
import type { Claims } from '../../../runtime/identity.ts';
import type { DecidePolicy } from '../../operations/policies.ts';
import { createScenario } from '../harness.ts';

// Goal: what a policy guards is read by whom it lets, on the way through entities too; no decision is a refusal.
const scenario = (policies?: DecidePolicy): ReturnType<typeof createScenario> =>
  createScenario(
    {
      a: {
        sdl: `
          type Query { room: Room @policy(policies: [["guest"], ["member", "awake"]]) lobby: Room }
          type Room @key(fields: "id") { id: ID! }`,
        resolvers: { Query: { room: () => ({ id: 'r' }), lobby: () => ({ id: 'l' }) } },
      },
      b: {
        sdl: `type Room @key(fields: "id") { id: ID! diary: String @policy(policies: [["member"]]) }`,
        resolvers: { Room: { diary: ({ id }: { id: string }) => `diary of ${id}` } },
      },
    },
    policies ? { policies } : {},
  );
const claims = (subject: string): Claims => ({ issuer: 'i', subject, scopes: [], expiresAt: Infinity });
const byName: DecidePolicy = async (policy, { subject }) => subject.split(' ').includes(policy);
const query = '{ room { id } lobby { diary } }';
const codes = (result: { errors?: readonly { extensions: Readonly<Record<string, unknown>> }[] }): unknown[] =>
  (result.errors ?? []).map(({ extensions }) => extensions['code']);

describe('policies', () => {
  test.each<[string, unknown, number]>([
    ['guest', { room: { id: 'r' }, lobby: { diary: null } }, 1],
    ['member', { room: null, lobby: { diary: 'diary of l' } }, 1],
    ['member awake', { room: { id: 'r' }, lobby: { diary: 'diary of l' } }, 0],
    ['awake', { room: null, lobby: { diary: null } }, 2],
  ])('a caller who is %s', async (subject, data, refusals) => {
    const it = scenario(byName);
    const result = await it.run(query, { claims: claims(subject) });
    expect(result.data).toEqual(data);
    expect(codes(result)).toEqual(Array.from({ length: refusals }, () => 'FORBIDDEN'));
    if (!subject.includes('member')) expect(it.calls.map((call) => call.subgraph)).not.toContain('b');
  });

  test('each execution asks again: a caller who lost the policy reads no more', async () => {
    let allowed = true;
    const it = scenario(() => allowed);
    expect((await it.run(query, { claims: claims('x') })).data).toEqual({
      room: { id: 'r' },
      lobby: { diary: 'diary of l' },
    });
    allowed = false;
    expect((await it.run(query, { claims: claims('x') })).data).toEqual({ room: null, lobby: { diary: null } });
  });

  test.each<[string, DecidePolicy | undefined]>([
    ['nobody decides', undefined],
    ['the decision fails', () => Promise.reject(new Error('the table is away'))],
    [
      'the decision throws',
      () => {
        throw new Error('no table');
      },
    ],
    ['the decision never comes', () => new Promise<boolean>(() => {})],
  ])('%s: refused', async (_name, decide) => {
    const result = await scenario(decide).run(query, { claims: claims('member awake guest') });
    expect(result.data).toEqual({ room: null, lobby: { diary: null } });
    expect(codes(result)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  test('who has no token meets no policy, and is told what is missing', async () => {
    expect(codes(await scenario(() => true).run(query))).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });
});
