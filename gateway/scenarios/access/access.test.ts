import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: what a caller may not read is null with an error at its path, and is never asked of a subgraph.
const both = (): object[] => [
  { __typename: 'Account', id: 'o' },
  { __typename: 'Secret', id: 's' },
];
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    a: {
      sdl: `
        type Query { me: Account @authenticated open: Account nodes: [Node!]! any: [Any!] list: [Account!]! strict: Int! @authenticated }
        type Mutation { act: Int @requiresScopes(scopes: [["write"], ["admin"]]) }
        interface Node { id: ID! } union Any = Account | Secret
        type Account implements Node @key(fields: "id") { id: ID! email: String @requiresScopes(scopes: [["email", "read"]]) secret: Secret friend: Account }
        type Secret implements Node @authenticated { id: ID! text: String }`,
      resolvers: {
        Query: {
          me: () => ({ id: 'me', email: 'me@x' }),
          open: () => ({ id: 'o', email: 'o@x', secret: { id: 's', text: 'hush' } }),
          nodes: both,
          any: both,
          list: () => [
            { id: '1', email: '1@x' },
            { id: '2', email: '2@x' },
          ],
          strict: () => 1,
        },
        Mutation: { act: () => 1 },
      },
    },
    b: {
      sdl: `type Account @key(fields: "id") { id: ID! balance: Int @authenticated }`,
      resolvers: { Account: { balance: () => 5 } },
    },
  });
const claims = (...scopes: string[]): { issuer: string; subject: string; scopes: string[]; expiresAt: number } => ({
  issuer: 'i',
  subject: 's',
  scopes,
  expiresAt: Infinity,
});
const codes = (result: {
  errors?: readonly { path?: readonly (string | number)[]; extensions: Readonly<Record<string, unknown>> }[];
}): string[] => (result.errors ?? []).map((error) => `${error.path?.join('.')} ${String(error.extensions['code'])}`);

describe('access', () => {
  test('an anonymous caller gets what is open, and an error for each closed place', async () => {
    const it = scenario();
    const result = await it.run('{ me { id } open { id email balance secret { text } } list { email } }');
    expect(result.data).toEqual({
      me: null,
      open: { id: 'o', email: null, balance: null, secret: null },
      list: [{ email: null }, { email: null }],
    });
    expect(codes(result)).toEqual([
      'me UNAUTHENTICATED',
      'open.email UNAUTHENTICATED',
      'open.balance UNAUTHENTICATED',
      'open.secret UNAUTHENTICATED',
      'list.0.email UNAUTHENTICATED',
      'list.1.email UNAUTHENTICATED',
    ]);
    const asked = it.calls.map((call) => call.request.query).join(' ');
    expect(asked).not.toMatch(/email|balance|secret|\bme\b/);
  });

  test('scopes: all of one list, any of the lists', async () => {
    expect(codes(await scenario().run('{ open { email } }', { claims: claims('read') }))).toEqual([
      'open.email FORBIDDEN',
    ]);
    expect((await scenario().run('{ open { email balance } }', { claims: claims('read', 'email') })).data).toEqual({
      open: { email: 'o@x', balance: 5 },
    });
    expect(await scenario().run('mutation { act }', { claims: claims('admin') })).toEqual({ data: { act: 1 } });
  });

  test('a refused mutation does not happen', async () => {
    const it = scenario();
    const result = await it.run('mutation { act }', { claims: claims('read') });
    expect(result.data).toEqual({ act: null });
    expect(codes(result)).toEqual(['act FORBIDDEN']);
    expect(it.calls).toHaveLength(0);
  });

  test('a refused field that cannot be null takes its parent', async () => {
    const result = await scenario().run('{ strict open { id } }');
    expect(result.data).toBeNull();
    expect(codes(result)).toEqual(['strict UNAUTHENTICATED']);
  });

  test('a closed type closes the interface that it is behind, as composition has it', async () => {
    expect(codes(await scenario().run('{ nodes { id } }'))).toEqual(['nodes UNAUTHENTICATED']);
    expect((await scenario().run('{ nodes { id } }', { claims: claims() })).data).toEqual({
      nodes: [{ id: 'o' }, { id: 's' }],
    });
  });

  test('a closed type in a union or a fragment is null where it comes up', async () => {
    const query =
      '{ open { ...more } any { __typename ... on Secret { text } ... on Account { id } } } fragment more on Account { id friend { ...inner } } fragment inner on Account { email }';
    const it = scenario();
    const result = await it.run(query);
    expect(result.data).toEqual({ open: { id: 'o', friend: null }, any: null });
    expect(codes(result)).toEqual(['any.1 UNAUTHENTICATED']);
    expect(it.calls.map((call) => call.request.query).join(' ')).not.toMatch(/text|email/);
  });

  test('callers that the rules do not tell apart share a plan, others do not', async () => {
    const it = scenario();
    expect((await it.run('{ me { id } }', { claims: claims('a') })).data).toEqual({ me: { id: 'me' } });
    expect((await it.run('{ me { id } }')).data).toEqual({ me: null });
    expect((await it.run('{ me { id } }', { claims: claims('b') })).data).toEqual({ me: { id: 'me' } });
  });
});
