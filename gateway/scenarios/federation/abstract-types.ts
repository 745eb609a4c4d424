import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const works = [
  { __typename: 'Opera', id: 'o1', code: 'OP-1', size: 'large', acts: 3, title: 'Storm', stage: 's1' },
  { __typename: 'Opera', id: 'o2', code: 'OP-2', size: 'small', acts: 1, title: 'Calm', stage: 's2' },
  { __typename: 'Ballet', id: 'b1', code: 'BA-1', size: 'large', dancers: 40, title: 'Swan', stage: 's1' },
  { __typename: 'Ballet', id: 'b2', code: 'BA-2', size: 'small', dancers: 9, title: 'Leaf', stage: 's2' },
] as const;
const operas = works.filter((work) => work.__typename === 'Opera');
const ballets = works.filter((work) => work.__typename === 'Ballet');

const reviews = [
  { id: 'r1', work: 'o1', text: 'loud' },
  { id: 'r2', work: 'o1', text: 'long' },
  { id: 'r3', work: 'b1', text: 'white' },
];
const workOf = (id: string): object => ({ __typename: id.startsWith('o') ? 'Opera' : 'Ballet', id });

/** An interface over entities, its fields spread over five subgraphs. */
const abstractTypes: FederationScenario = {
  name: 'abstract types',
  subgraphs: {
    programme: {
      sdl: `
        type Query { works: [Work!]! kin(id: ID!): [Work!]! }
        interface Work { id: ID! code: String size: String stage: Stage }
        interface Kin { kin: [Work!]! }
        type Opera implements Work & Kin @key(fields: "id") { id: ID! code: String @shareable size: String @shareable stage: Stage kin: [Work!]! }
        type Ballet implements Work & Kin @key(fields: "id") { id: ID! code: String @shareable size: String @shareable stage: Stage kin: [Work!]! }
        type Stage @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          works: () => works.map((work) => ({ ...work, stage: { id: work.stage } })),
          kin: (_: unknown, { id }: { id: string }) =>
            works
              .filter((work) => work.id !== id && work.id[0] === id[0])
              .map((work) => ({ ...work, stage: { id: work.stage } })),
        },
        Opera: found(
          operas.map((work) => ({ ...work, stage: { id: work.stage }, kin: [] })),
          'id',
        ),
        Ballet: found(
          ballets.map((work) => ({ ...work, stage: { id: work.stage }, kin: [] })),
          'id',
        ),
      },
    },
    operas: {
      sdl: `type Opera @key(fields: "id") { id: ID! title: String acts: Int }`,
      resolvers: {
        Opera: found(
          operas.map(({ id, title, acts }) => ({ id, title, acts })),
          'id',
        ),
      },
    },
    ballets: {
      sdl: `type Ballet @key(fields: "id") { id: ID! title: String dancers: Int }`,
      resolvers: {
        Ballet: found(
          ballets.map(({ id, title, dancers }) => ({ id, title, dancers })),
          'id',
        ),
      },
    },
    critics: {
      sdl: `
        type Query { latest: Review }
        interface Work { id: ID! reviews: [Review!]! count: Int! }
        type Opera implements Work @key(fields: "id") { id: ID! reviews: [Review!]! count: Int! }
        type Ballet implements Work @key(fields: "id") { id: ID! reviews: [Review!]! count: Int! }
        type Review { id: ID! text: String work: Work }`,
      resolvers: {
        Query: { latest: () => reviews[2] },
        Opera: {
          reviews: ({ id }: { id: string }) => reviews.filter((review) => review.work === id),
          count: ({ id }: { id: string }) => reviews.filter((review) => review.work === id).length,
        },
        Ballet: {
          reviews: ({ id }: { id: string }) => reviews.filter((review) => review.work === id),
          count: ({ id }: { id: string }) => reviews.filter((review) => review.work === id).length,
        },
        Review: { work: ({ work }: { work: string }) => workOf(work) },
      },
    },
    tickets: {
      sdl: `
        interface Work { id: ID! code: String size: String price(row: Int!): Price }
        type Opera implements Work @key(fields: "id") { id: ID! code: String @external size: String @external price(row: Int!): Price @requires(fields: "code size") }
        type Ballet implements Work @key(fields: "id") { id: ID! code: String @external size: String @external price(row: Int!): Price @requires(fields: "code size") }
        type Price { text: String! }
        type Stage @key(fields: "id") { id: ID! owner: Owner }
        union Owner = City | Patron
        type City { name: String seats: Int }
        type Patron { name: String gift: Int }`,
      resolvers: {
        Opera: {
          price: (work: { code: string; size: string }, { row }: { row: number }) => ({
            text: `${work.code} ${work.size} ${row}`,
          }),
        },
        Ballet: {
          price: (work: { code: string; size: string }, { row }: { row: number }) => ({
            text: `${work.code} ${work.size} ${row}`,
          }),
        },
        Stage: found(
          [
            { id: 's1', owner: { __typename: 'City', name: 'Graz', seats: 900 } },
            { id: 's2', owner: { __typename: 'Patron', name: 'Lux', gift: 5 } },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'fields of the interface',
      query: '{ works { id code size } }',
      data: { works: works.map(({ id, code, size }) => ({ id, code, size })) },
    },
    {
      shows: 'a list with an argument',
      query: '{ kin(id: "o1") { id code } }',
      data: { kin: [{ id: 'o2', code: 'OP-2' }] },
    },
    {
      shows: '@requires below two aliases of one field',
      query:
        '{ opera: kin(id: "o1") { code price(row: 2) { text } } ballet: kin(id: "b2") { price(row: 9) { text } } }',
      data: {
        opera: [{ code: 'OP-2', price: { text: 'OP-2 small 2' } }],
        ballet: [{ price: { text: 'BA-1 large 9' } }],
      },
    },
    {
      shows: 'the same field through every kind of fragment',
      query:
        '{ works { code ... on Work { code } ... on Opera { code } ... on Ballet { code } ... on Kin { __typename type: __typename } } }',
      data: { works: works.map(({ code, __typename }) => ({ code, __typename, type: __typename })) },
    },
    {
      shows: 'a field that only one type has, of another subgraph',
      query: '{ works { name: code ... on Ballet { title dancers } } }',
      data: {
        works: [
          { name: 'OP-1' },
          { name: 'OP-2' },
          { name: 'BA-1', title: 'Swan', dancers: 40 },
          { name: 'BA-2', title: 'Leaf', dancers: 9 },
        ],
      },
    },
    {
      shows: 'one response key for fields of two subgraphs',
      query: '{ works { ... on Opera { n: acts title } ... on Ballet { n: dancers title } } }',
      data: {
        works: [
          { n: 3, title: 'Storm' },
          { n: 1, title: 'Calm' },
          { n: 40, title: 'Swan' },
          { n: 9, title: 'Leaf' },
        ],
      },
    },
    {
      shows: 'through a list to the interface again',
      query: '{ works { id reviews { text work { code ... on Ballet { title } ... on Opera { count } } } } }',
      data: {
        works: [
          {
            id: 'o1',
            reviews: [
              { text: 'loud', work: { code: 'OP-1', count: 2 } },
              { text: 'long', work: { code: 'OP-1', count: 2 } },
            ],
          },
          { id: 'o2', reviews: [] },
          { id: 'b1', reviews: [{ text: 'white', work: { code: 'BA-1', title: 'Swan' } }] },
          { id: 'b2', reviews: [] },
        ],
      },
    },
    {
      shows: 'an interface field that another subgraph adds',
      query: '{ works { id count } }',
      data: {
        works: [
          { id: 'o1', count: 2 },
          { id: 'o2', count: 0 },
          { id: 'b1', count: 1 },
          { id: 'b2', count: 0 },
        ],
      },
    },
    {
      shows: 'out of the subgraph that does not own the interface',
      query: '{ latest { work { id size ... on Ballet { dancers price(row: 1) { text } } } } }',
      data: { latest: { work: { id: 'b1', size: 'large', dancers: 40, price: { text: 'BA-1 large 1' } } } },
    },
    ...[true, false].flatMap((title) => [
      {
        shows: `a fragment with @include ${title}`,
        query:
          'query ($t: Boolean!) { latest { work { id ... on Ballet @include(if: $t) { title } ... on Opera { code } } } }',
        variables: { t: title },
        data: { latest: { work: { id: 'b1', ...(title ? { title: 'Swan' } : {}) } } },
      },
      {
        shows: `a fragment with @skip ${title} beside one without`,
        query: `query ($t: Boolean = ${title}) { latest { work { ... on Ballet @skip(if: $t) { title } ... on Ballet { code } } } }`,
        data: { latest: { work: { ...(title ? {} : { title: 'Swan' }), code: 'BA-1' } } },
      },
      {
        shows: `nested fragments with conditions ${title}`,
        query:
          'query ($t: Boolean!) { works { ... on Opera @include(if: $t) { title ... on Opera @skip(if: $t) { code } } ... on Ballet { id } } }',
        variables: { t: title },
        data: {
          works: [title ? { title: 'Storm' } : {}, title ? { title: 'Calm' } : {}, { id: 'b1' }, { id: 'b2' }],
        },
      },
    ]),
    {
      shows: 'a union behind an entity behind an interface',
      query:
        '{ works { stage { owner { ...O } } } } fragment O on Owner { ... on City { name seats } ... on Patron { name gift } }',
      data: {
        works: [
          { stage: { owner: { name: 'Graz', seats: 900 } } },
          { stage: { owner: { name: 'Lux', gift: 5 } } },
          { stage: { owner: { name: 'Graz', seats: 900 } } },
          { stage: { owner: { name: 'Lux', gift: 5 } } },
        ],
      },
    },
    {
      shows: 'a fragment on an interface that only some implement, inside another',
      query: '{ latest { work { ... on Kin { ... on Work { id kin { id } } } } } }',
      data: undefined,
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'the other interface of a type',
      query: '{ latest { work { ... on Kin { kin { id } ... on Work { code } } } } }',
      data: { latest: { work: { kin: [], code: 'BA-1' } } },
    },
  ],
};

/** The interface comes round to itself through two subgraphs. */
const circularReference: FederationScenario = {
  name: 'circular reference through an interface',
  subgraphs: {
    family: {
      sdl: `
        type Query { eldest: Person }
        interface Person { others: [Person!] }
        type Aunt implements Person @key(fields: "id") { id: ID! others: [Person!] }
        type Uncle implements Person @key(fields: "id") { id: ID! others: [Person!] }`,
      resolvers: {
        Query: { eldest: () => ({ __typename: 'Aunt', id: 'a1' }) },
        Aunt: {
          others: () => [
            { __typename: 'Uncle', id: 'u1' },
            { __typename: 'Aunt', id: 'a2' },
          ],
        },
        Uncle: { others: () => [{ __typename: 'Aunt', id: 'a1' }] },
      },
    },
    names: {
      sdl: `
        interface Person { id: ID! name: String }
        type Aunt implements Person @key(fields: "id") { id: ID! name: String }
        type Uncle implements Person @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Aunt: { name: ({ id }: { id: string }) => `aunt ${id}` },
        Uncle: { name: ({ id }: { id: string }) => `uncle ${id}` },
      },
    },
  },
  cases: [
    {
      shows: 'round once',
      query: '{ eldest { others { others { others { ... on Uncle { id } ... on Aunt { id } } } } } }',
      data: {
        eldest: {
          others: [
            { others: [{ others: [{ id: 'u1' }, { id: 'a2' }] }] },
            { others: [{ others: [{ id: 'a1' }] }, { others: [{ id: 'u1' }, { id: 'a2' }] }] },
          ],
        },
      },
    },
    {
      shows: 'with a field of the other subgraph at each step',
      query: '{ eldest { ... on Aunt { id name others { ... on Uncle { name others { ... on Aunt { name } } } } } } }',
      data: {
        eldest: { id: 'a1', name: 'aunt a1', others: [{ name: 'uncle u1', others: [{ name: 'aunt a1' }] }, {}] },
      },
    },
    {
      shows: 'an interface field that no single subgraph has whole',
      query: '{ eldest { name others { name __typename } } }',
      data: {
        eldest: {
          name: 'aunt a1',
          others: [
            { name: 'uncle u1', __typename: 'Uncle' },
            { name: 'aunt a2', __typename: 'Aunt' },
          ],
        },
      },
    },
  ],
};

/** Two members of a union have fields of the same name whose nullability differs, so that no subgraph takes both under one key. */
const childTypeMismatch: FederationScenario = {
  name: 'child type mismatch',
  subgraphs: {
    a: {
      sdl: `
        type Query { guests: [Guest!]! }
        union Visitor = Guest | Host
        type Guest @key(fields: "id") { id: ID @shareable }
        type Host @key(fields: "id") { id: ID name: String @shareable alike: [Visitor!]! @shareable }`,
      resolvers: {
        Query: { guests: () => [{ id: 'g1' }] },
        Host: found(
          [
            {
              id: 'h1',
              name: 'Hal',
              alike: [
                { __typename: 'Guest', id: 'g1' },
                { __typename: 'Host', id: 'h1', name: 'Hal' },
              ],
            },
          ],
          'id',
        ),
      },
    },
    b: {
      sdl: `
        type Query { visitors: [Visitor!]! }
        union Visitor = Guest | Host
        type Guest @key(fields: "id") { id: ID! @shareable name: String alike: [Visitor!]! }
        type Host @key(fields: "id") { id: ID! @shareable name: String! @shareable alike: [Visitor!]! @shareable }`,
      resolvers: {
        Query: {
          visitors: () => [
            { __typename: 'Guest', id: 'g1', name: 'Gil' },
            { __typename: 'Host', id: 'h1', name: 'Hal' },
          ],
        },
        Guest: {
          ...found([{ id: 'g1', name: 'Gil' }], 'id'),
          alike: () => [
            { __typename: 'Guest', id: 'g1', name: 'Gil' },
            { __typename: 'Host', id: 'h1', name: 'Hal' },
          ],
        },
        Host: {
          ...found([{ id: 'h1', name: 'Hal' }], 'id'),
          alike: () => [
            { __typename: 'Guest', id: 'g1', name: 'Gil' },
            { __typename: 'Host', id: 'h1', name: 'Hal' },
          ],
        },
      },
    },
  },
  cases: [
    {
      shows: 'fields of other nullability under one key',
      query: '{ guests { id name } visitors { ... on Guest { id name } ... on Host { id name } } }',
      data: {
        guests: [{ id: 'g1', name: 'Gil' }],
        visitors: [
          { id: 'g1', name: 'Gil' },
          { id: 'h1', name: 'Hal' },
        ],
      },
    },
    {
      shows: 'one level down',
      query:
        '{ visitors { ... on Guest { name alike { ...N } } ... on Host { name alike { ...N } } } } fragment N on Visitor { ... on Guest { name } ... on Host { name } }',
      data: {
        visitors: ['Gil', 'Hal'].map((name) => ({ name, alike: [{ name: 'Gil' }, { name: 'Hal' }] })),
      },
    },
    {
      shows: 'two levels down, beside other root fields',
      query: `
        { guests { id name } visitors { ... on Guest { id alike { ...N } } ... on Host { id alike { ...N } } } }
        fragment N on Visitor { ... on Guest { id name alike { ...M } } ... on Host { id name alike { ...M } } }
        fragment M on Visitor { ... on Guest { id name } ... on Host { id name } }`,
      data: {
        guests: [{ id: 'g1', name: 'Gil' }],
        visitors: ['g1', 'h1'].map((id) => ({
          id,
          alike: [
            {
              id: 'g1',
              name: 'Gil',
              alike: [
                { id: 'g1', name: 'Gil' },
                { id: 'h1', name: 'Hal' },
              ],
            },
            {
              id: 'h1',
              name: 'Hal',
              alike: [
                { id: 'g1', name: 'Gil' },
                { id: 'h1', name: 'Hal' },
              ],
            },
          ],
        })),
      },
    },
    {
      shows: 'one of them under an alias that the other has as its name',
      query: '{ visitors { ... on Guest { name: id } ... on Host { name } __typename } }',
      data: undefined,
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
  ],
};

/** A node field in two subgraphs, each of which knows the other's ids as external only. */
const unreachableIds: FederationScenario = {
  name: 'ids that cannot be reached',
  subgraphs: {
    accounts: {
      sdl: `
        type Query { node(id: ID!): Node @shareable account(id: String!): Account }
        interface Node { id: ID! }
        type Account implements Node @key(fields: "id") { id: ID! name: String! }
        type Talk implements Node @key(fields: "id", resolvable: true) { id: ID! @external by: Account! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) => ({
            __typename: id.startsWith('a') ? 'Account' : 'Talk',
            id,
            name: 'Ann',
          }),
          account: (_: unknown, { id }: { id: string }) => ({ id, name: 'Ann' }),
        },
        Account: found([{ id: 'a1', name: 'Ann' }], 'id'),
        Talk: { by: () => ({ id: 'a1', name: 'Ann' }) },
      },
    },
    talks: {
      sdl: `
        type Query { node(id: ID!): Node @shareable talk(id: String!): Talk }
        interface Node { id: ID! }
        type Account implements Node @key(fields: "id") { id: ID! @external talks: [Talk!]! }
        type Talk implements Node @key(fields: "id") { id: ID! text: String! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) => ({
            __typename: id.startsWith('a') ? 'Account' : 'Talk',
            id,
            text: 'hi',
          }),
          talk: (_: unknown, { id }: { id: string }) => ({ id, text: 'hi' }),
        },
        Account: { talks: () => [{ id: 't1', text: 'hi' }] },
        Talk: found([{ id: 't1', text: 'hi' }], 'id'),
      },
    },
  },
  cases: [
    {
      shows: 'a type name needs no id',
      query: '{ a: node(id: "a1") { __typename } t: node(id: "t1") { __typename } }',
      data: { a: { __typename: 'Account' }, t: { __typename: 'Talk' } },
    },
    {
      shows: 'each asked where it is owned',
      query: '{ a: node(id: "a1") { ... on Account { id name } } t: node(id: "t1") { ... on Talk { id text } } }',
      data: { a: { id: 'a1', name: 'Ann' }, t: { id: 't1', text: 'hi' } },
    },
    {
      shows: 'fragments that do not apply',
      query: '{ a: node(id: "a1") { ... on Talk { id } } t: node(id: "t1") { ... on Account { id } } }',
      data: { a: {}, t: {} },
    },
    {
      shows: 'fragments that do not apply, with their types',
      query:
        '{ a: node(id: "a1") { __typename ... on Talk { id } } t: node(id: "t1") { __typename ... on Account { id } } }',
      data: { a: { __typename: 'Account' }, t: { __typename: 'Talk' } },
    },
    {
      shows: 'directly',
      query: '{ talk(id: "t1") { id } account(id: "a1") { id } }',
      data: { talk: { id: 't1' }, account: { id: 'a1' } },
    },
    {
      shows: 'from one to the other',
      query: '{ talk(id: "t1") { id text by { id } } }',
      data: { talk: { id: 't1', text: 'hi', by: { id: 'a1' } } },
    },
    {
      shows: 'and back',
      query: '{ account(id: "a1") { id name talks { id text } } }',
      data: { account: { id: 'a1', name: 'Ann', talks: [{ id: 't1', text: 'hi' }] } },
    },
  ],
};

export const abstractScenarios: readonly FederationScenario[] = [
  abstractTypes,
  circularReference,
  childTypeMismatch,
  unreachableIds,
];
