import { GraphQLError } from 'graphql';
import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const typename: FederationScenario = {
  name: 'typename',
  subgraphs: {
    a: {
      sdl: `
        type Query { union: Toast interface: Node object: Oven me: Oven }
        interface Node @key(fields: "id") { id: ID! }
        union Toast = Oven | Toaster
        type Oven implements Node @key(fields: "id") { id: ID! }
        type Toaster implements Node @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          union: () => ({ __typename: 'Oven', id: '1' }),
          interface: () => ({ __typename: 'Toaster', id: '2' }),
          object: () => ({ id: '1' }),
          me: () => null,
        },
        Node: { __resolveReference: ({ id }: { id: string }) => ({ __typename: id === '1' ? 'Oven' : 'Toaster', id }) },
      },
    },
    b: {
      sdl: `type Query { users: [Node!]! } type Node @key(fields: "id") @interfaceObject { id: ID! name: String }`,
      resolvers: {
        Query: {
          users: () => [
            { id: '1', name: 'one' },
            { id: '2', name: 'two' },
          ],
        },
        Node: { name: ({ id }: { id: string }) => `name ${id}` },
      },
    },
  },
  cases: [
    {
      shows: 'of a union',
      query: '{ union { __typename typename: __typename t: __typename } }',
      data: { union: { __typename: 'Oven', typename: 'Oven', t: 'Oven' } },
    },
    {
      shows: 'of an interface',
      query: '{ interface { __typename x: __typename } }',
      data: { interface: { __typename: 'Toaster', x: 'Toaster' } },
    },
    {
      shows: 'of an object',
      query: '{ object { __typename id } me { __typename } }',
      data: { object: { __typename: 'Oven', id: '1' }, me: null },
    },
    {
      shows: 'of an interface object',
      query: '{ users { __typename id name } }',
      data: {
        users: [
          { __typename: 'Oven', id: '1', name: 'name 1' },
          { __typename: 'Toaster', id: '2', name: 'name 2' },
        ],
      },
    },
    {
      shows: 'of an interface object, alone',
      query: '{ users { t: __typename } }',
      data: { users: [{ t: 'Oven' }, { t: 'Toaster' }] },
    },
    {
      shows: 'of the root',
      query: '{ __typename root: __typename object { id } }',
      data: { __typename: 'Query', root: 'Query', object: { id: '1' } },
    },
    {
      shows: 'nulls under names that every object has',
      query: '{ constructor: me { id } toString: object { hasOwnProperty: id } }',
      data: { constructor: null, toString: { hasOwnProperty: '1' } },
    },
    { shows: 'of the root alone', query: '{ __typename }', data: { __typename: 'Query' } },
    {
      shows: 'in fragments',
      query:
        '{ ...R } fragment R on Query { __typename union { ... on Node { __typename ... on Oven { k: __typename } } } }',
      data: { __typename: 'Query', union: { __typename: 'Oven', k: 'Oven' } },
    },
    {
      shows: 'an alias of it for another field',
      query: '{ object { __typename: id } }',
      data: { object: { __typename: '1' } },
    },
  ],
};

const includeSkip: FederationScenario = {
  name: '@include and @skip',
  subgraphs: {
    a: {
      sdl: `type Query { item: Item } type Item @key(fields: "id") { id: ID! price: Float! }`,
      resolvers: { Query: { item: () => ({ id: 'p', price: 7 }) }, Item: found([{ id: 'p', price: 7 }], 'id') },
    },
    b: {
      sdl: `type Item @key(fields: "id") { id: ID! price: Float! @external dear: Boolean! sure: Boolean @requires(fields: "price") }`,
      resolvers: { Item: { dear: () => false, sure: ({ price }: { price: number }) => price > 5 } },
    },
    c: {
      sdl: `
        type Item @key(fields: "id") {
          id: ID! dear: Boolean! @external
          checked: Boolean! @requires(fields: "dear") unchecked: Boolean! @requires(fields: "dear")
        }`,
      resolvers: {
        Item: { checked: ({ dear }: { dear: boolean }) => !dear, unchecked: ({ dear }: { dear: boolean }) => !dear },
      },
    },
  },
  cases: [
    {
      shows: 'a field that is left out',
      query: 'query ($no: Boolean = false) { item { price checked @include(if: $no) } }',
      data: { item: { price: 7 } },
    },
    {
      shows: 'a field that is skipped',
      query: 'query ($yes: Boolean = true) { item { price checked @skip(if: $yes) } }',
      data: { item: { price: 7 } },
    },
    {
      shows: 'a field that is included',
      query: 'query ($yes: Boolean = true) { item { price checked @include(if: $yes) } }',
      data: { item: { price: 7, checked: true } },
    },
    {
      shows: 'a field that is not skipped',
      query: 'query ($no: Boolean = false) { item { price checked @skip(if: $no) } }',
      data: { item: { price: 7, checked: true } },
    },
    {
      shows: 'both on one field',
      query: 'query ($a: Boolean!, $b: Boolean!) { item { sure @include(if: $a) @skip(if: $b) id } }',
      variables: { a: true, b: true },
      data: { item: { id: 'p' } },
    },
    {
      shows: 'the same field with and without',
      query: 'query ($no: Boolean!) { item { sure @include(if: $no) sure } }',
      variables: { no: false },
      data: { item: { sure: true } },
    },
    {
      shows: 'on fragments, nested',
      query:
        'query ($a: Boolean!, $b: Boolean!) { item { ... @include(if: $a) { sure ...F @skip(if: $b) } } } fragment F on Item { unchecked }',
      variables: { a: true, b: false },
      data: { item: { sure: true, unchecked: true } },
    },
    {
      shows: 'on a whole root field',
      query: 'query ($a: Boolean!) { item @include(if: $a) { id } __typename }',
      variables: { a: false },
      data: { __typename: 'Query' },
    },
    { shows: 'everything left out', query: '{ item @skip(if: true) { id } }', data: {} },
    { shows: 'all below left out', query: '{ item { id @skip(if: true) } }', data: { item: {} } },
    {
      shows: 'a requirement that the client left out',
      query: '{ item { price @skip(if: true) dear @include(if: false) sure checked } }',
      data: { item: { sure: true, checked: true } },
    },
  ],
};

const totals = new Map<string, number>();

const mutations: FederationScenario = {
  name: 'mutations',
  subgraphs: {
    a: {
      sdl: `
        type Query { account(id: ID!): Account }
        type Mutation { open(input: OpenInput!): Account! times(id: ID!, by: Int!): Int! rename(id: ID!, name: String!): Account @shareable fail: Account! }
        input OpenInput { id: ID! name: String! }
        type Account @key(fields: "id") { id: ID! name: String! @shareable }`,
      resolvers: {
        Query: { account: (_: unknown, { id }: { id: string }) => ({ id, name: 'kept' }) },
        Mutation: {
          open: (_: unknown, { input }: { input: { id: string; name: string } }) => {
            totals.set(input.id, 0);
            return input;
          },
          times: (_: unknown, { id, by }: { id: string; by: number }) => {
            const total = (totals.get(id) ?? 0) * by;
            totals.set(id, total);
            return total;
          },
          rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ id, name }),
          fail: () => null,
        },
        Account: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'looked up' }) },
      },
    },
    b: {
      sdl: `
        type Mutation { plus(id: ID!, n: Int!): Int! close(id: ID!): Int! add(id: ID!, n: Int!): Account! rename(id: ID!, name: String!): Account @shareable }
        type Account @key(fields: "id") { id: ID! total: Int! name: String! @external shout: String @requires(fields: "name") }`,
      resolvers: {
        Mutation: {
          plus: (_: unknown, { id, n }: { id: string; n: number }) => {
            totals.set(id, (totals.get(id) ?? 0) + n);
            return totals.get(id);
          },
          add: (_: unknown, { id, n }: { id: string; n: number }) => {
            totals.set(id, (totals.get(id) ?? 0) + n);
            return { id };
          },
          close: (_: unknown, { id }: { id: string }) => {
            const total = totals.get(id) ?? -1;
            totals.delete(id);
            return total;
          },
          rename: () => ({ id: 'wrong' }),
        },
        Account: {
          total: ({ id }: { id: string }) => totals.get(id) ?? 0,
          shout: ({ name }: { name: string }) => name.toUpperCase(),
        },
      },
    },
  },
  cases: [
    {
      shows: 'fields of two subgraphs on what was made',
      query: 'mutation { open(input: { id: "m", name: "Mia" }) { name total shout } }',
      data: { open: { name: 'Mia', total: 0, shout: 'MIA' } },
    },
    {
      shows: 'one after the other across subgraphs',
      query:
        'mutation { five: plus(id: "x", n: 5) ten: times(id: "x", by: 2) twelve: plus(id: "x", n: 2) end: close(id: "x") }',
      data: { five: 5, ten: 10, twelve: 12, end: 12 },
    },
    {
      shows: 'what a field gives is read before the next one runs',
      query:
        'mutation { a: add(id: "y", n: 1) { total name } b: times(id: "y", by: 10) c: add(id: "y", n: 1) { total } d: close(id: "y") }',
      data: { a: { total: 1, name: 'looked up' }, b: 10, c: { total: 11 }, d: 11 },
    },
    {
      shows: 'variables',
      query: 'mutation ($i: OpenInput!) { open(input: $i) { id shout } }',
      variables: { i: { id: 'v', name: 'vi' } },
      data: { open: { id: 'v', shout: 'VI' } },
    },
    {
      shows: 'the type of the root',
      query: 'mutation { __typename close(id: "none") }',
      data: { __typename: 'Mutation', close: -1 },
    },
    {
      shows: 'a field that must not be null',
      query: 'mutation { fail { id } }',
      data: null,
      errors: ['INTERNAL_SERVER_ERROR at fail'],
    },
    {
      shows: 'a skipped mutation does not run',
      query: 'mutation ($no: Boolean!) { plus(id: "z", n: 1) @include(if: $no) close(id: "z") }',
      variables: { no: false },
      data: { close: -1 },
    },
  ],
};

const access =
  'directive @access(scope: Scope! = PUBLIC, note: String) repeatable on FIELD | QUERY | INLINE_FRAGMENT enum Scope { PUBLIC PRIVATE }';

/** Directives that clients may use: they are known to the gateway and no subgraph is bothered with them. */
const executableDirectives: FederationScenario = {
  name: 'executable directives',
  subgraphs: {
    a: { sdl: `${access} type Query { a: String }`, resolvers: { Query: { a: () => 'a' } } },
    b: { sdl: `${access} type Query { b: String }`, resolvers: { Query: { b: () => 'b' } } },
  },
  cases: [
    { shows: 'with a default argument', query: '{ a @access b @access }', data: { a: 'a', b: 'b' } },
    {
      shows: 'with arguments and variables',
      query: 'query ($s: Scope!) { a @access(scope: $s, note: "x") ... @access { b @access(scope: PRIVATE) } }',
      variables: { s: 'PRIVATE' },
      data: { a: 'a', b: 'b' },
    },
    { shows: 'one that nobody knows is refused', query: '{ a @unknown }', errors: ['GRAPHQL_VALIDATION_FAILED'] },
  ],
};

const aliases: FederationScenario = {
  name: 'aliases',
  subgraphs: {
    a: {
      sdl: `type Query { echo(n: Int): Int shop: Shop } type Shop @key(fields: "id owner { code }") { id: ID! owner: Person! name(short: Boolean): String tags: [String!] } type Person { code: ID! age: Int }`,
      resolvers: {
        Query: {
          shop: () => ({ id: 's', owner: { code: 'o', age: 9 }, tags: ['t'] }),
          echo: (_: unknown, { n }: { n?: number }) => n ?? null,
        },
        Shop: { name: (_: unknown, { short }: { short?: boolean }) => (short === true ? 'S' : 'Shop') },
      },
    },
    b: {
      sdl: `type Shop @key(fields: "id owner { code }") { id: ID! owner: Person! name(short: Boolean): String @external size: Int lot(n: Int): Int broken: Int sign: String @requires(fields: "name(short: true)") } type Person { code: ID! }`,
      resolvers: {
        Shop: {
          size: ({ id, owner }: { id: string; owner: { code: string } }) =>
            id === 's' && owner.code === 'o' ? 3 : null,
          lot: (_: unknown, { n }: { n?: number }) => n ?? null,
          broken: () => {
            throw new GraphQLError('it is broken', { extensions: { code: 'BROKEN' } });
          },
          sign: ({ name }: { name: string }) => `*${name}*`,
        },
      },
    },
  },
  cases: [
    { shows: 'a key under another name', query: '{ shop { key: id size } }', data: { shop: { key: 's', size: 3 } } },
    {
      shows: 'another field under the name of a key',
      query: '{ shop { id: size size: id } }',
      data: { shop: { id: 3, size: 's' } },
    },
    {
      shows: 'another field under the name of a nested key',
      query: '{ shop { owner { code: age age: code } size } }',
      data: { shop: { owner: { code: 9, age: 'o' }, size: 3 } },
    },
    {
      shows: 'a scalar under the name of an object in the key',
      query: '{ shop { owner: id id: owner { code } size } }',
      data: { shop: { owner: 's', id: { code: 'o' }, size: 3 } },
    },
    {
      shows: 'the type name under the name of a key',
      query: '{ shop { id: __typename size } }',
      data: { shop: { id: 'Shop', size: 3 } },
    },
    {
      shows: 'the same field with other arguments',
      query: '{ shop { name long: name(short: false) short: name(short: true) sign } }',
      data: { shop: { name: 'Shop', long: 'Shop', short: 'S', sign: '*S*' } },
    },
    {
      shows: 'two of one root field',
      query: '{ a: shop { id } b: shop { size tags } }',
      data: { a: { id: 's' }, b: { size: 3, tags: ['t'] } },
    },
    {
      shows: 'the same twice',
      query: '{ shop { size size owner { age } owner { code } } shop { id } }',
      data: { shop: { size: 3, owner: { age: 9, code: 'o' }, id: 's' } },
    },
    {
      shows: 'names that a planner might use itself',
      query: '{ shop { _entities: id representations: size _internal_qp_alias_0: sign _vcos_id: id } }',
      data: { shop: { _entities: 's', representations: 3, _internal_qp_alias_0: '*S*', _vcos_id: 's' } },
    },
    {
      shows: 'variables called as a planner calls its own',
      query:
        'query ($representations: Int, $_vcos_representations: Int, $__batch_reps_0: Int) { shop { a: lot(n: $representations) b: lot(n: $_vcos_representations) c: lot(n: $__batch_reps_0) } echo(n: $representations) }',
      variables: { representations: 1, _vcos_representations: 2, __batch_reps_0: 3 },
      data: { shop: { a: 1, b: 2, c: 3 }, echo: 1 },
    },
    {
      shows: 'errors under names that a planner might use itself',
      query: '{ shop { _internal_qp_alias_0: broken _vcos_id: broken id: broken } }',
      data: { shop: { _internal_qp_alias_0: null, _vcos_id: null, id: null } },
      errors: ['BROKEN at shop._internal_qp_alias_0', 'BROKEN at shop._vcos_id', 'BROKEN at shop.id'],
    },
  ],
};

export const operations: readonly FederationScenario[] = [
  typename,
  includeSkip,
  mutations,
  executableDirectives,
  aliases,
];
