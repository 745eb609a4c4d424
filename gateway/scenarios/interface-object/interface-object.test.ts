import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: a subgraph that knows a family of entities as one interface adds fields to all of them; their types stay their own.
const scenario = (down = false): ReturnType<typeof createScenario> =>
  createScenario({
    people: {
      sdl: `
        type Query { people: [Person!]! }
        interface Person @key(fields: "id") { id: ID! name: String! }
        type Writer implements Person @key(fields: "id") { id: ID! name: String! books: Int }
        type Painter implements Person @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Query: {
          people: () => [
            { __typename: 'Writer', id: 'w', name: 'Ada', books: 2 },
            { __typename: 'Painter', id: 'p', name: 'Lee' },
          ],
        },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({
            __typename: id === 'w' ? 'Writer' : 'Painter',
            id,
            name: id === 'w' ? 'Ada' : 'Lee',
            books: 2,
          }),
        },
      },
      down,
    },
    fame: {
      sdl: `
        type Query { famous: [Person!]! }
        type Person @key(fields: "id") @interfaceObject { id: ID! followers: Int! }`,
      resolvers: {
        Query: {
          famous: () => [
            { id: 'p', followers: 9 },
            { id: 'w', followers: 7 },
          ],
        },
        Person: { __resolveReference: ({ id }: { id: string }) => ({ id, followers: id === 'w' ? 7 : 9 }) },
      },
    },
  });

describe('@interfaceObject', () => {
  test('adds its field to every implementation', async () => {
    expect(await scenario().run('{ people { __typename name followers ... on Writer { books followers } } }')).toEqual({
      data: {
        people: [
          { __typename: 'Writer', name: 'Ada', followers: 7, books: 2 },
          { __typename: 'Painter', name: 'Lee', followers: 9 },
        ],
      },
    });
  });

  test('types are told by who knows them', async () => {
    expect(await scenario().run('{ famous { followers __typename name } }')).toEqual({
      data: {
        famous: [
          { followers: 9, __typename: 'Painter', name: 'Lee' },
          { followers: 7, __typename: 'Writer', name: 'Ada' },
        ],
      },
    });
  });

  test('fields of one implementation, from who knows the interface only', async () => {
    expect(await scenario().run('{ famous { followers ... on Writer { books } } }')).toEqual({
      data: { famous: [{ followers: 9 }, { followers: 7, books: 2 }] },
    });
  });

  test('a client that asks for no type costs nothing more', async () => {
    const it = scenario();
    expect(await it.run('{ famous { followers } }')).toEqual({
      data: { famous: [{ followers: 9 }, { followers: 7 }] },
    });
    expect(it.calls).toHaveLength(1);
  });

  test('without who knows the types, an interface is never given for one', async () => {
    const result = await scenario(true).run('{ famous { followers __typename } }');
    expect(result.data).toBeNull();
    expect(result.errors?.[0]?.extensions['code']).toBe('SUBGRAPH_UNAVAILABLE');
  });
});
