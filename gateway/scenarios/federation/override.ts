import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const simpleOverride: FederationScenario = {
  name: 'simple @override',
  subgraphs: {
    old: {
      sdl: `type Query { feed: [Post!]! @shareable oldFeed: [Post!]! } type Post @key(fields: "id") { id: ID! made: String! }`,
      resolvers: {
        Query: { feed: () => [{ id: 'old', made: 'by old' }], oldFeed: () => [{ id: '1', made: 'by old' }] },
        Post: found([{ id: '1', made: 'by old' }], 'id'),
      },
    },
    fresh: {
      sdl: `type Query { feed: [Post!]! @override(from: "old") @shareable newFeed: [Post!]! } type Post @key(fields: "id") { id: ID! made: String! @override(from: "old") }`,
      resolvers: { Query: { feed: () => [{ id: '1' }], newFeed: () => [{ id: '1' }] }, Post: { made: () => 'by new' } },
    },
  },
  cases: [
    {
      shows: 'a field of an entity comes from its new owner',
      query: '{ oldFeed { id made } }',
      data: { oldFeed: [{ id: '1', made: 'by new' }] },
    },
    {
      shows: 'a root field comes from its new owner',
      query: '{ feed { id made } newFeed { made } }',
      data: { feed: [{ id: '1', made: 'by new' }], newFeed: [{ made: 'by new' }] },
    },
    { shows: 'the old owner keeps what was not taken', query: '{ oldFeed { id } }', data: { oldFeed: [{ id: '1' }] } },
  ],
};

/** The overriding names a subgraph that is not there: nothing is taken over. */
const unavailableOverride: FederationScenario = {
  name: '@override from a subgraph that is gone',
  subgraphs: {
    a: {
      sdl: `type Query { feed: [Post!]! @shareable } type Post @key(fields: "id") { id: ID! made: String! @override(from: "gone") }`,
      resolvers: { Query: { feed: () => [{ id: '1', made: 'a' }] }, Post: found([{ id: '1', made: 'a' }], 'id') },
    },
    b: {
      sdl: `type Query { feed: [Post!]! @shareable bFeed: [Post!]! } type Post @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { feed: () => [{ id: '1' }], bFeed: () => [{ id: '1' }] } },
    },
  },
  cases: [
    { shows: 'the field stays', query: '{ feed { id made } }', data: { feed: [{ id: '1', made: 'a' }] } },
    { shows: 'and is reached from the other', query: '{ bFeed { made } }', data: { bFeed: [{ made: 'a' }] } },
  ],
};

const overrideOfInterface: FederationScenario = {
  name: '@override on a type of an interface',
  subgraphs: {
    a: {
      sdl: `
        type Query { feed: [Item!]! }
        interface Item { id: ID! made: String! }
        type Picture implements Item @key(fields: "id") { id: ID! made: String! }
        type Story implements Item @key(fields: "id") { id: ID! made: String! pages: Int }`,
      resolvers: {
        Query: {
          feed: () => [
            { __typename: 'Picture', id: 'p', made: 'a' },
            { __typename: 'Story', id: 's', made: 'a', pages: 3 },
          ],
        },
        Picture: found([{ id: 'p', made: 'a' }], 'id'),
        Story: found([{ id: 's', made: 'a', pages: 3 }], 'id'),
      },
    },
    b: {
      sdl: `
        type Query { others: [Item!]! }
        interface Item { id: ID! made: String! }
        type Picture implements Item @key(fields: "id") { id: ID! made: String! @override(from: "a") }
        type Story implements Item @key(fields: "id") { id: ID! made: String! @external }`,
      resolvers: {
        Query: {
          others: () => [
            { __typename: 'Picture', id: 'p' },
            { __typename: 'Story', id: 's' },
          ],
        },
        Picture: { made: () => 'b' },
      },
    },
  },
  cases: [
    {
      shows: 'through the interface',
      query: '{ feed { id made } }',
      data: {
        feed: [
          { id: 'p', made: 'b' },
          { id: 's', made: 'a' },
        ],
      },
    },
    {
      shows: 'in fragments',
      query: '{ feed { ... on Picture { made } ... on Story { made pages } } }',
      data: { feed: [{ made: 'b' }, { made: 'a', pages: 3 }] },
    },
    {
      shows: 'from the overriding side',
      query: '{ others { made } }',
      data: { others: [{ made: 'b' }, { made: 'a' }] },
    },
    {
      shows: 'from the overriding side in a fragment',
      query: '{ others { __typename ... on Story { pages made } } }',
      data: { others: [{ __typename: 'Picture' }, { __typename: 'Story', pages: 3, made: 'a' }] },
    },
  ],
};

const overrideWithRequires: FederationScenario = {
  name: '@override of what another requires',
  subgraphs: {
    a: {
      sdl: `type Query { userA: User } type User @key(fields: "id") { id: ID! name: String! @override(from: "b") aName: String! @requires(fields: "cName") cName: String! @external }`,
      resolvers: {
        Query: { userA: () => ({ id: 'u', name: 'a-name' }) },
        User: {
          __resolveReference: (user: object) => ({ ...user, name: 'a-name' }),
          aName: ({ cName }: { cName: string }) => `a(${cName})`,
        },
      },
    },
    b: {
      sdl: `type Query { userB: User } type User @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Query: { userB: () => ({ id: 'u', name: 'b-name' }) },
        User: found([{ id: 'u', name: 'b-name' }], 'id'),
      },
    },
    c: {
      sdl: `type Query { userC: User } type User @key(fields: "id") { id: ID! name: String! @external cName: String! @requires(fields: "name") }`,
      resolvers: {
        Query: { userC: () => ({ id: 'u' }) },
        User: { cName: ({ name }: { name: string }) => `c(${name})` },
      },
    },
  },
  cases: [
    {
      shows: 'what is required comes from the new owner',
      query: '{ userC { cName } }',
      data: { userC: { cName: 'c(a-name)' } },
    },
    {
      shows: 'from the old owner',
      query: '{ userB { name cName } }',
      data: { userB: { name: 'a-name', cName: 'c(a-name)' } },
    },
    {
      shows: 'a requirement of a requirement',
      query: '{ userA { aName name } }',
      data: { userA: { aName: 'a(c(a-name))', name: 'a-name' } },
    },
    {
      shows: 'from all three',
      apolloRefuses: true,
      query: '{ userA { cName } userB { aName } userC { aName name id } }',
      data: {
        userA: { cName: 'c(a-name)' },
        userB: { aName: 'a(c(a-name))' },
        userC: { aName: 'a(c(a-name))', name: 'a-name', id: 'u' },
      },
    },
  ],
};

const labelled = (overrideLabels: readonly string[]): FederationScenario => ({
  name: `@override by label, ${overrideLabels.join(' and ') || 'none'} on`,
  overrideLabels,
  subgraphs: {
    old: {
      sdl: `type Query { post: Post count: Int! } type Post @key(fields: "id") { id: ID! beta: String never: String always: String gone: String }`,
      resolvers: {
        Query: { post: () => ({ id: '1', beta: 'old', never: 'old', always: 'old', gone: 'old' }), count: () => 1 },
        Post: found([{ id: '1', beta: 'old', never: 'old', always: 'old', gone: 'old' }], 'id'),
      },
    },
    fresh: {
      sdl: `
        type Query { fresh: Post count: Int! @override(from: "old", label: "beta") }
        type Post @key(fields: "id") {
          id: ID!
          beta: String @override(from: "old", label: "beta")
          never: String @override(from: "old", label: "percent(0)")
          always: String @override(from: "old", label: "percent(100)")
          gone: String @override(from: "old")
        }`,
      resolvers: {
        Query: { fresh: () => ({ id: '1', beta: 'new', never: 'new', always: 'new', gone: 'new' }), count: () => 2 },
        Post: found([{ id: '1', beta: 'new', never: 'new', always: 'new', gone: 'new' }], 'id'),
      },
    },
  },
  cases: [
    {
      shows: 'each field comes from who owns it now',
      query: '{ post { id beta never always gone } }',
      data: {
        post: {
          id: '1',
          beta: overrideLabels.includes('beta') ? 'new' : 'old',
          never: 'old',
          always: 'new',
          gone: 'new',
        },
      },
    },
    {
      shows: 'from the other side',
      query: '{ fresh { never beta always } count }',
      data: {
        fresh: { never: 'old', beta: overrideLabels.includes('beta') ? 'new' : 'old', always: 'new' },
        count: overrideLabels.includes('beta') ? 2 : 1,
      },
    },
  ],
});

export const overrides: readonly FederationScenario[] = [
  simpleOverride,
  unavailableOverride,
  overrideOfInterface,
  overrideWithRequires,
  labelled([]),
  labelled(['beta']),
  labelled(['gamma', 'beta']),
];
