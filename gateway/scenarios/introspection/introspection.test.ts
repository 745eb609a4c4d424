import { describe, expect, test } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import type { IntrospectionQuery } from 'graphql';
import { createScenario } from '../harness.ts';

// Goal: questions about the schema are answered here, alone or beside data, and tell what clients may know.
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    a: {
      sdl: `
        """The root.""" type Query { thing: Thing any: [Both] }
        "A thing." type Thing @key(fields: "id") { id: ID! old: Int @deprecated(reason: "use id") secret: Int @inaccessible }
        type Hidden @inaccessible { x: Int }
        union Both = Thing | Hidden`,
      resolvers: {
        Query: {
          thing: () => ({ id: '1' }),
          any: () => [
            { __typename: 'Thing', id: '1' },
            { __typename: 'Hidden', x: 1 },
          ],
        },
      },
    },
  });

describe('introspection', () => {
  test('the whole schema, with descriptions and without joins or hidden parts', async () => {
    const it = scenario();
    const { data } = await it.run(getIntrospectionQuery());
    const sdl = printSchema(buildClientSchema(data as IntrospectionQuery));
    expect(sdl).toContain('"""The root."""');
    expect(sdl).toContain('old: Int @deprecated(reason: "use id")');
    expect(sdl).not.toMatch(/join__|link__|secret|Hidden/);
    expect(it.calls).toHaveLength(0);
  });

  test('beside data, with aliases, fragments and variables', async () => {
    const query = `query ($name: String!) { thing { id } ...meta kind: __typename } fragment meta on Query { t: __type(name: $name) { description } }`;
    expect(await scenario().run(query, { variables: { name: 'Thing' } })).toEqual({
      data: { thing: { id: '1' }, t: { description: 'A thing.' }, kind: 'Query' },
    });
  });

  test('a hidden type is unknown to clients and null in data', async () => {
    expect(await scenario().run('{ any { __typename } hidden: __type(name: "Hidden") { name } }')).toEqual({
      data: { any: [{ __typename: 'Thing' }, null], hidden: null },
    });
    const refused = await scenario().run('{ thing { secret } }');
    expect(refused.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('the name of the root type alone asks nobody', async () => {
    const it = scenario();
    expect(await it.run('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    expect(it.calls).toHaveLength(0);
  });
});
