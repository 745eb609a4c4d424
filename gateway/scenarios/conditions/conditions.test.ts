import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createScenario } from '../harness.ts';

// Goal: @skip and @include decide about fields, fragments and fetches alike, with values, variables and defaults.
const it = createScenario({
  a: {
    sdl: `type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! near: Int inner: Thing }`,
    resolvers: { Query: { thing: () => ({ id: '1', near: 1, inner: { id: '2', near: 2 } }) } },
  },
  b: {
    sdl: `type Thing @key(fields: "id") { id: ID! far: Int }`,
    resolvers: { Thing: { far: ({ id }: { id: string }) => Number(id) * 10 } },
  },
});

describe('conditions', () => {
  test('every combination of three conditions gives the fields that they let pass', async () => {
    const query = `query ($a: Boolean!, $b: Boolean!, $c: Boolean = true) {
      thing { near @skip(if: $a) far @include(if: $b) ...rest @include(if: $c) @skip(if: $a) inner @include(if: $b) { far @skip(if: $c) near } }
    } fragment rest on Thing { id far }`;
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), fc.option(fc.boolean(), { nil: undefined }), async (a, b, given) => {
        const c = given ?? true;
        const rest = c && !a;
        const result = await it.run(query, { variables: { a, b, ...(given === undefined ? {} : { c }) } });
        expect(result).toEqual({
          data: {
            thing: {
              ...(a ? {} : { near: 1 }),
              ...(b || rest ? { far: 10 } : {}),
              ...(rest ? { id: '1' } : {}),
              ...(b ? { inner: { ...(c ? {} : { far: 20 }), near: 2 } } : {}),
            },
          },
        });
      }),
      { numRuns: 40 },
    );
  });

  test('what is left out is not fetched', async () => {
    const before = it.calls.length;
    expect(
      await it.run('query ($x: Boolean!) { thing { near far @include(if: $x) } }', { variables: { x: false } }),
    ).toEqual({ data: { thing: { near: 1 } } });
    expect(it.calls.slice(before).map((call) => call.subgraph)).toEqual(['a']);
    expect(await it.run('{ thing @skip(if: true) { near } }')).toEqual({ data: {} });
  });
});
