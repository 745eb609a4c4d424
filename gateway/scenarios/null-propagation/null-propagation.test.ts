import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: nulls where the schema allows none travel to the nearest nullable parent, with one error that says where from.
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    a: {
      sdl: `
        type Query { thing: Thing things: [Thing!] loose: [Thing] strict: Thing! state: State }
        type Thing @key(fields: "id") { id: ID! inner: Thing deep: Thing! }
        enum State { ON OFF @inaccessible }`,
      resolvers: {
        Query: {
          thing: () => ({ id: 'x', deep: { id: 'none' } }),
          things: () => [{ id: 'x' }, { id: 'none' }],
          loose: () => [{ id: 'x' }, { id: 'none' }],
          strict: () => ({ id: 'none' }),
          state: () => 'OFF',
        },
      },
    },
    b: {
      sdl: `type Thing @key(fields: "id") { id: ID! must: Int! may: Int }`,
      resolvers: {
        Thing: { __resolveReference: ({ id }: { id: string }) => (id === 'none' ? null : { id, must: 1, may: 2 }) },
      },
    },
  });

describe('null propagation', () => {
  const cannot = (path: (string | number)[]): object => ({
    message: 'Cannot return null for non-nullable field Thing.must.',
    path,
    extensions: { code: 'INVALID_SUBGRAPH_DATA' },
  });

  test('to a nullable list, a nullable item, a nullable grandparent', async () => {
    expect(await scenario().run('{ things { must } loose { id must } thing { must deep { must } } }')).toEqual({
      data: { things: null, loose: [{ id: 'x', must: 1 }, null], thing: null },
      errors: [cannot(['things', 1, 'must']), cannot(['loose', 1, 'must']), cannot(['thing', 'deep', 'must'])],
    });
  });

  test('to the top', async () => {
    expect(await scenario().run('{ strict { must } thing { id } }')).toEqual({
      data: null,
      errors: [cannot(['strict', 'must'])],
    });
  });

  test('nullable fields of an unknown entity are null without an error', async () => {
    expect(await scenario().run('{ strict { id may } }')).toEqual({ data: { strict: { id: 'none', may: null } } });
  });

  test('an enum value that is hidden from clients is null', async () => {
    expect(await scenario().run('{ state }')).toEqual({ data: { state: null } });
  });
});
