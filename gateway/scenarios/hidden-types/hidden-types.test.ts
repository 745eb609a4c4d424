import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: an object of a type that clients may not see is never shown, not even through an interface that they may see.
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    vault: {
      sdl: `
        type Query { papers: [Paper] newest: Thing box: Box }
        interface Paper { title: String }
        type Letter implements Paper @shareable { title: String }
        type Secret implements Paper @shareable @inaccessible { title: String }
        union Thing = Letter | Secret
        type Box @key(fields: "id") { id: ID! inside: Paper }`,
      resolvers: {
        Query: {
          papers: () => [
            { __typename: 'Letter', title: 'open' },
            { __typename: 'Secret', title: 'closed' },
          ],
          newest: () => ({ __typename: 'Secret', title: 'closed' }),
          box: () => ({ id: '1', inside: { __typename: 'Secret', title: 'closed' } }),
        },
      },
    },
    readers: {
      sdl: `
        interface Paper { title: String }
        type Letter implements Paper @shareable { title: String }
        type Secret implements Paper @shareable @inaccessible { title: String }
        type Box @key(fields: "id") {
          id: ID!
          inside: Paper @external
          initial: String @requires(fields: "inside { title }")
        }`,
      resolvers: { Box: { initial: ({ inside }: { inside: { title: string } }) => inside.title.slice(0, 1) } },
    },
  });

describe('types that clients may not see', () => {
  test('their objects are null behind an interface or a union', async () => {
    expect(await scenario().run('{ papers { title } newest { ... on Letter { title } } }')).toEqual({
      data: { papers: [{ title: 'open' }, null], newest: null },
    });
  });

  test('other subgraphs may still require what is in them', async () => {
    expect(await scenario().run('{ box { initial inside { title } } }')).toEqual({
      data: { box: { initial: 'c', inside: null } },
    });
  });
});
