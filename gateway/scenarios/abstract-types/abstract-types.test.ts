import { describe, expect, test } from '@jest/globals';
import { createScenario } from '../harness.ts';

// Goal: interfaces and unions whose members' fields live in several subgraphs are answered member by member.
const items = [
  { __typename: 'Book', id: 'b', title: 'B', pages: 10, similar: [{ __typename: 'Film', id: 'f' }] },
  { __typename: 'Film', id: 'f', title: 'F', minutes: 90, similar: [] },
  { __typename: 'Note', text: 'N' },
];
const scenario = (): ReturnType<typeof createScenario> =>
  createScenario({
    media: {
      sdl: `
        type Query { search: [Item!]! media: [Media!]! }
        union Item = Book | Film | Note
        interface Media { id: ID! title: String similar: [Media!]! }
        type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int similar: [Media!]! }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int similar: [Media!]! }
        type Note { text: String }`,
      resolvers: {
        Query: { search: () => items, media: () => items.slice(0, 2) },
        Book: { __resolveReference: ({ id }: { id: string }) => items.find((item) => item.id === id) },
        Film: {
          __resolveReference: ({ id }: { id: string }) => items.find((item) => item.id === id),
          title: ({ id }: { id: string }) => items.find((item) => item.id === id)?.title,
        },
      },
    },
    ratings: {
      sdl: `type Book @key(fields: "id") { id: ID! rating(max: Int): Int } type Film @key(fields: "id") { id: ID! rating(max: Int): Int awards: [String!] }`,
      resolvers: {
        Book: { rating: (_: unknown, { max }: { max?: number }) => max ?? 1 },
        Film: { rating: (_: unknown, { max }: { max?: number }) => (max ?? 1) * 2, awards: () => ['gold'] },
      },
    },
  });

describe('abstract types', () => {
  test('a union, its members from two subgraphs, with fragments and variables', async () => {
    const query = `query ($max: Int) { search { __typename ... on Book { ...book } ... on Film { awards r: rating(max: $max) } ... on Note { text } } }
      fragment book on Book { pages r: rating(max: $max) }`;
    expect(await scenario().run(query, { variables: { max: 4 } })).toEqual({
      data: {
        search: [
          { __typename: 'Book', pages: 10, r: 4 },
          { __typename: 'Film', awards: ['gold'], r: 8 },
          { __typename: 'Note', text: 'N' },
        ],
      },
    });
  });

  test('the type name under other names only', async () => {
    const query = '{ search { kind: __typename } media { kind: __typename similar { a: __typename b: __typename } } }';
    expect(await scenario().run(query)).toEqual({
      data: {
        search: [{ kind: 'Book' }, { kind: 'Film' }, { kind: 'Note' }],
        media: [
          { kind: 'Book', similar: [{ a: 'Film', b: 'Film' }] },
          { kind: 'Film', similar: [] },
        ],
      },
    });
  });

  test('an interface in an interface', async () => {
    expect(
      await scenario().run(
        '{ media { title similar { id title ... on Film { rating(max: 3) } } ... on Media { id } } }',
      ),
    ).toEqual({
      data: {
        media: [
          { title: 'B', similar: [{ id: 'f', title: 'F', rating: 6 }], id: 'b' },
          { title: 'F', similar: [], id: 'f' },
        ],
      },
    });
  });

  test('one key, in two members, for two fields', async () => {
    expect(await scenario().run('{ search { ... on Book { x: pages } ... on Film { x: rating } } }')).toEqual({
      data: { search: [{ x: 10 }, { x: 2 }, {}] },
    });
  });
});

// Goal: types that a subgraph declares differently for members of one union are kept apart on the way and put back.
const account = { User: { id: 'u', name: 'U' }, Admin: { id: 'a', name: 'A' } };
const all = [
  { __typename: 'User', ...account.User },
  { __typename: 'Admin', ...account.Admin },
];
const mismatch = createScenario({
  names: {
    sdl: `type Query { users: [User!]! } type User @key(fields: "id") { id: ID name: String @shareable }`,
    resolvers: { Query: { users: () => [account.User] } },
  },
  accounts: {
    sdl: `
      type Query { accounts: [Account!]! }
      union Account = User | Admin
      type User @key(fields: "id") { id: ID! name: String! @shareable similar: [Account!]! }
      type Admin { id: ID name: String similar: [Account!]! }`,
    resolvers: {
      Query: { accounts: () => all },
      User: { similar: () => all, __resolveReference: () => ({ ...account.User }) },
      Admin: { similar: () => all },
    },
  },
});

describe('types that differ below a union', () => {
  const nest = (depth: number): string => {
    const fields = `id name ${depth > 0 ? nest(depth - 1) : ''}`;
    return `similar { ... on User { ${fields} } ... on Admin { ${fields} } }`;
  };
  const expected = (depth: number): object[] =>
    [account.User, account.Admin].map((item) => ({ ...item, ...(depth > 0 ? { similar: expected(depth - 1) } : {}) }));

  test.each([0, 1, 2])('%i levels deep', async (depth) => {
    const inner = depth > 0 ? nest(depth - 1) : '';
    const query = `{ users { id name } accounts { ... on User { id name ${inner} } ... on Admin { id name ${inner} } } }`;
    expect(await mismatch.run(query)).toEqual({ data: { users: [account.User], accounts: expected(depth) } });
  });
});
