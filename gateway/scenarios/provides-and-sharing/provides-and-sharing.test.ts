import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: a field that a subgraph provides is taken from it; shared and overridden fields come from where they should.
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    reviews: {
      sdl: `
        type Query { reviews: [Review!]! @shareable latest: Review @provides(fields: "author { name }") }
        type Review @key(fields: "id") { id: ID! author: Author }
        type Author @key(fields: "id") { id: ID! name: String @external karma: Int }`,
      resolvers: {
        Query: {
          reviews: () => [{ id: 'r1', author: { id: 'a1', karma: 5 } }],
          latest: () => ({ id: 'r1', author: { id: 'a1', name: 'as reviews tells it', karma: 5 } }),
        },
        Author: { __resolveReference: (reference: object) => ({ ...reference, karma: 5 }) },
      },
    },
    authors: {
      sdl: `
        type Query { author: Author }
        type Author @key(fields: "id") { id: ID! name: String @shareable karma: Int @override(from: "reviews") }`,
      resolvers: {
        Query: { author: () => ({ id: 'a1', name: 'Ada', karma: 6 }) },
        Author: { __resolveReference: (reference: object) => ({ ...reference, name: 'Ada', karma: 6 }) },
      },
    },
  });

describe('@provides, @shareable, @override', () => {
  test('what is provided costs no second fetch', async () => {
    const it = scenario();
    expect(await it.run('{ latest { author { name } } }')).toEqual({
      data: { latest: { author: { name: 'as reviews tells it' } } },
    });
    expect(it.calls.map((call) => call.subgraph)).toEqual(['reviews']);
  });

  test('what is not provided comes from its owner', async () => {
    expect(await scenario().run('{ reviews { author { name } } }')).toEqual({
      data: { reviews: [{ author: { name: 'Ada' } }] },
    });
  });

  test('an overridden field comes from its new owner', async () => {
    expect(await scenario().run('{ reviews { author { karma } } author { karma } }')).toEqual({
      data: { reviews: [{ author: { karma: 6 } }], author: { karma: 6 } },
    });
  });
});
