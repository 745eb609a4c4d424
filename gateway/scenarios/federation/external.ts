import { found } from './serve.ts';
import type { FederationScenario, ServedSubgraph } from './serve.ts';

const people = [
  { id: 'u1', email: 'ann@example.org', name: 'Ann' },
  { id: 'u2', email: 'bob@example.org', name: 'Bob' },
];

const owner = (sdl: string, federation?: 1): ServedSubgraph => ({
  sdl,
  ...(federation === 1 ? { federation } : {}),
  resolvers: {
    Query: { member: () => ({ id: 'u1', email: 'ann@example.org' }) },
    Member: found(
      people.map(({ id, email }) => ({ id, email })),
      'id',
    ),
  },
});
const extender = (sdl: string, federation?: 1): ServedSubgraph => ({
  sdl,
  ...(federation === 1 ? { federation } : {}),
  resolvers: {
    Query: { roster: () => people.map(({ id, name }) => ({ id, name })) },
    Member: found(
      people.map(({ id, name }) => ({ id, name })),
      'id',
    ),
  },
});

/** The same four questions, however the second subgraph spells that the first one owns the type. */
const cases: FederationScenario['cases'] = [
  {
    shows: 'the owner alone',
    query: '{ member { id email } }',
    data: { member: { id: 'u1', email: 'ann@example.org' } },
  },
  {
    shows: 'from the owner to the extension',
    query: '{ member { name email } }',
    data: { member: { name: 'Ann', email: 'ann@example.org' } },
  },
  {
    shows: 'the extension alone',
    query: '{ roster { id name } }',
    data: {
      roster: [
        { id: 'u1', name: 'Ann' },
        { id: 'u2', name: 'Bob' },
      ],
    },
  },
  {
    shows: 'from the extension to the owner',
    query: '{ roster { email name } member { name } }',
    data: {
      roster: [
        { email: 'ann@example.org', name: 'Ann' },
        { email: 'bob@example.org', name: 'Bob' },
      ],
      member: { name: 'Ann' },
    },
  },
];

const plainOwner = 'type Query { member: Member } type Member @key(fields: "id") { id: ID! email: String }';
const extendsDirective =
  'type Query { roster: [Member!]! } type Member @extends @key(fields: "id") { id: ID! @external name: String }';
const extendKeyword =
  'extend type Query { roster: [Member!]! } extend type Member @key(fields: "id") { id: ID! @external name: String }';

const mysteriousExternal: FederationScenario = {
  name: 'mysterious external',
  subgraphs: {
    meals: {
      federation: 1,
      sdl: 'type Query { dish: Dish } type Dish @key(fields: "id") { id: ID! name: String }',
      resolvers: { Query: { dish: () => ({ id: 'd', name: 'Soup' }) }, Dish: found([{ id: 'd', name: 'Soup' }], 'id') },
    },
    prices: {
      federation: 1,
      // It names `name` as somebody else's without any use for it.
      sdl: 'extend type Dish @key(fields: "id") { id: ID! @external name: String @external price: Int } extend type Query { cheapest: Dish }',
      resolvers: { Dish: found([{ id: 'd', price: 7 }], 'id'), Query: { cheapest: () => ({ id: 'd', price: 7 }) } },
    },
  },
  cases: [
    {
      shows: 'an external field without a use',
      query: '{ dish { name price } }',
      data: { dish: { name: 'Soup', price: 7 } },
    },
    {
      shows: 'is asked where it is owned',
      query: '{ cheapest { price name id } }',
      data: { cheapest: { price: 7, name: 'Soup', id: 'd' } },
    },
  ],
};

export const external: readonly FederationScenario[] = [
  { name: 'fed1 @extends', subgraphs: { club: owner(plainOwner, 1), list: extender(extendsDirective, 1) }, cases },
  { name: 'fed1 extension', subgraphs: { club: owner(plainOwner, 1), list: extender(extendKeyword, 1) }, cases },
  {
    name: 'fed2 @extends',
    subgraphs: {
      club: owner(plainOwner),
      list: extender(
        `extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@extends", "@external"]) ${extendsDirective}`,
      ),
    },
    cases,
  },
  { name: 'fed2 extension', subgraphs: { club: owner(plainOwner), list: extender(extendKeyword) }, cases },
  { name: 'fed1 and fed2 together', subgraphs: { club: owner(plainOwner), list: extender(extendKeyword, 1) }, cases },
  {
    name: 'fed1 extension that resolves by two keys',
    subgraphs: {
      club: {
        federation: 1,
        sdl: 'type Query { member: Member } type Member @key(fields: "id") @key(fields: "email") { id: ID! email: String }',
        resolvers: {
          Query: { member: () => ({ id: 'u2', email: 'bob@example.org' }) },
          Member: found(
            people.map(({ id, email }) => ({ id, email })),
            'id',
            'email',
          ),
        },
      },
      list: {
        federation: 1,
        sdl: 'extend type Member @key(fields: "email") { email: String @external name: String } extend type Query { byMail: Member }',
        resolvers: {
          Query: { byMail: () => ({ email: 'ann@example.org', name: 'Ann' }) },
          Member: found(
            people.map(({ email, name }) => ({ email, name })),
            'email',
          ),
        },
      },
    },
    cases: [
      {
        shows: 'by the key that they share',
        query: '{ member { id name } }',
        data: { member: { id: 'u2', name: 'Bob' } },
      },
      { shows: 'and back', query: '{ byMail { id name } }', data: { byMail: { id: 'u1', name: 'Ann' } } },
    ],
  },
  mysteriousExternal,
];
