import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { createScenario } from '../harness.ts';

// Goal: what fails is null where it belongs with an error at the client's path; everything else is there; insides stay inside.
const scenario = (options: { down?: boolean; operationTimeoutMs?: number } = {}): ReturnType<typeof createScenario> =>
  createScenario(
    {
      creators: {
        sdl: `type Query { creators: [Creator!]! one: Creator broken: Int slow: Int } type Creator @key(fields: "id") { id: ID! name: String! }`,
        resolvers: {
          Query: {
            creators: () => ['a', 'b', 'a'].map((id) => ({ id, name: id.toUpperCase() })),
            one: () => ({ id: 'a', name: 'A' }),
            broken: () => {
              throw new Error('SQLITE_CORRUPT: /var/lib/secret.db');
            },
            slow: () => new Promise(() => {}),
          },
        },
      },
      reputation: {
        sdl: `type Query { top: Int } type Creator @key(fields: "id") { id: ID! score: Int rank: Rank } type Rank { of: Int! title: String }`,
        resolvers: {
          Query: { top: () => 1 },
          Creator: {
            score: ({ id }: { id: string }) => {
              if (id === 'a')
                throw new GraphQLError('no score yet', {
                  extensions: { code: 'NO_SCORE', stacktrace: ['at secret.ts:1'] },
                });
              return 7;
            },
            rank: ({ id }: { id: string }) => (id === 'a' ? { of: 1, title: 'first' } : {}),
          },
        },
        down: options.down === true,
      },
    },
    options,
  );

describe('partial failure', () => {
  test('an error of one entity appears at each of its places', async () => {
    const result = await scenario().run('{ creators { name x: score } }');
    expect(result.data).toEqual({
      creators: [
        { name: 'A', x: null },
        { name: 'B', x: 7 },
        { name: 'A', x: null },
      ],
    });
    const extensions = { code: 'NO_SCORE', subgraph: 'reputation' };
    expect(result.errors).toEqual([
      { message: 'no score yet', path: ['creators', 0, 'x'], extensions },
      { message: 'no score yet', path: ['creators', 2, 'x'], extensions },
    ]);
  });

  test('a null that the subgraph already took up keeps the path of its cause', async () => {
    const result = await scenario().run('{ creators { rank { of title } } }');
    expect(result.data).toEqual({
      creators: [{ rank: { of: 1, title: 'first' } }, { rank: null }, { rank: { of: 1, title: 'first' } }],
    });
    expect(result.errors?.map((error) => error.path)).toEqual([['creators', 1, 'rank', 'of']]);
  });

  test('a subgraph that is down takes its own fields only, and its host is not told', async () => {
    const result = await scenario({ down: true }).run('{ one { name score rank { of } } top }');
    expect(result.data).toEqual({ one: { name: 'A', score: null, rank: null }, top: null });
    expect(result.errors?.map((error) => error.path)).toEqual(
      expect.arrayContaining([['one', 'score'], ['one', 'rank'], ['top']]),
    );
    expect(new Set(result.errors?.map((error) => error.extensions['code']))).toEqual(new Set(['SUBGRAPH_UNAVAILABLE']));
    expect(JSON.stringify(result)).not.toContain('10.0.0.1');
  });

  test("a bug's message and stack stay in the log", async () => {
    const result = await scenario().run('{ broken one { name } }');
    expect(result).toEqual({
      data: { broken: null, one: { name: 'A' } },
      errors: [
        {
          message: 'internal error',
          path: ['broken'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', subgraph: 'creators' },
        },
      ],
    });
  });

  test('what is late is an error, what was in time is kept', async () => {
    const result = await scenario({ operationTimeoutMs: 50 }).run('{ slow top }');
    expect(result).toEqual({
      data: { slow: null, top: 1 },
      errors: [
        {
          message: expect.stringContaining('50 ms'),
          path: ['slow'],
          extensions: { code: 'OPERATION_TIMEOUT', limit: 50, subgraph: 'creators' },
        },
      ],
    });
  });

  test('wrong variables are refused before any subgraph is asked', async () => {
    const it = scenario();
    const result = await it.run('query ($a: Int!) { top @include(if: true) one { name } x: top @skip(if: $b) }', {
      variables: {},
    });
    expect(result.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(it.calls).toHaveLength(0);
  });
});
