import { GraphQLScalarType } from 'graphql';
import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

/** An output enum shows the values of all subgraphs, an input enum the values that all of them take; one value is hidden. */
const enumIntersection: FederationScenario = {
  name: 'enum intersection',
  subgraphs: {
    a: {
      sdl: `
        type Query { guests: [Guest!]! byKind(kind: Kind!): [Guest!]! byWish(wish: Wish! = TEA): [Guest!]! }
        enum Kind { ADULT @inaccessible CHILD }
        enum Wish { TEA COFFEE }
        enum Mood { GOOD BAD }
        type Guest @key(fields: "id") { id: ID! kind: Kind mood: Mood wish: String }`,
      resolvers: {
        Query: {
          guests: () => [
            { id: '1', kind: 'CHILD', mood: 'GOOD' },
            { id: '2', kind: 'ADULT', mood: 'BAD' },
          ],
          byKind: (_: unknown, { kind }: { kind: string }) => [{ id: kind, kind }],
          byWish: (_: unknown, { wish }: { wish: string }) => [{ id: wish, wish }],
        },
        Guest: found(
          [
            { id: '1', kind: 'CHILD', mood: 'GOOD' },
            { id: '2', kind: 'ADULT', mood: 'BAD' },
          ],
          'id',
        ),
      },
    },
    b: {
      sdl: `
        type Query { seated: [Guest!]! drinks(wish: Wish!): String }
        enum Wish { TEA WATER }
        enum Mood { GOOD MIXED }
        type Guest @key(fields: "id") { id: ID! seat: Int sideMood: Mood }`,
      resolvers: {
        Query: {
          seated: () => [{ id: '2', seat: 4, sideMood: 'MIXED' }],
          drinks: (_: unknown, { wish }: { wish: string }) => wish.toLowerCase(),
        },
        Guest: { seat: ({ id }: { id: string }) => Number(id) * 2, sideMood: () => 'MIXED' },
      },
    },
  },
  cases: [
    {
      shows: 'values of both subgraphs come out',
      query: '{ guests { mood sideMood } }',
      data: {
        guests: [
          { mood: 'GOOD', sideMood: 'MIXED' },
          { mood: 'BAD', sideMood: 'MIXED' },
        ],
      },
    },
    {
      shows: 'a hidden value is null',
      query: '{ guests { id kind } }',
      data: {
        guests: [
          { id: '1', kind: 'CHILD' },
          { id: '2', kind: null },
        ],
      },
      errors: [],
    },
    {
      shows: 'a hidden value after a hop',
      query: '{ seated { kind seat } }',
      data: { seated: [{ kind: null, seat: 4 }] },
    },
    {
      shows: 'a value that all take',
      query: '{ drinks(wish: TEA) byWish { wish } }',
      data: { drinks: 'tea', byWish: [{ wish: 'TEA' }] },
    },
    {
      shows: 'a value that only one takes is refused',
      query: '{ drinks(wish: WATER) }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'a hidden value is refused',
      query: '{ byKind(kind: ADULT) { id } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'a hidden value in a variable is refused',
      query: 'query ($k: Kind!) { byKind(kind: $k) { id } }',
      variables: { k: 'ADULT' },
      errors: ['BAD_USER_INPUT'],
    },
    {
      shows: 'the other value of the same enum',
      query: 'query ($k: Kind!) { byKind(kind: $k) { id kind } }',
      variables: { k: 'CHILD' },
      data: { byKind: [{ id: 'CHILD', kind: 'CHILD' }] },
    },
  ],
};

const inputIntersection: FederationScenario = {
  name: 'input object intersection',
  subgraphs: {
    a: {
      sdl: `
        type Query { usersA(filter: Filter): [User!] echo(in: Deep = { list: [{ n: 7 }] }): String }
        input Filter { first: Int! }
        input Deep { list: [Item!]! = [] more: Deep note: String = "none" }
        input Item { n: Int! = 1 tags: [String!] }
        type User @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          usersA: (_: unknown, { filter }: { filter?: { first: number } }) =>
            [{ id: 'u1' }, { id: 'u2' }].slice(0, filter?.first),
          echo: (_: unknown, { in: input }: { in: unknown }) => JSON.stringify(input),
        },
      },
    },
    b: {
      sdl: `
        type Query { usersB(filter: Filter): [User!] }
        input Filter { first: Int skip: Int }
        type User @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { usersB: () => [{ id: 'u1', name: 'Ann' }] },
        User: found(
          [
            { id: 'u1', name: 'Ann' },
            { id: 'u2', name: 'Bob' },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'what both take',
      query: '{ usersA(filter: { first: 1 }) { name } }',
      data: { usersA: [{ name: 'Ann' }] },
    },
    {
      shows: 'what only one takes is not there',
      query: '{ usersB(filter: { first: 1, skip: 2 }) { id } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'what one demands, all demand',
      query: '{ usersB(filter: {}) { id } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'in a variable',
      query: 'query ($f: Filter) { usersA(filter: $f) { id } usersB(filter: $f) { name } }',
      variables: { f: { first: 2 } },
      data: { usersA: [{ id: 'u1' }, { id: 'u2' }], usersB: [{ name: 'Ann' }] },
    },
    {
      shows: 'a variable that does not fit is refused',
      query: 'query ($f: Filter) { usersA(filter: $f) { id } }',
      variables: { f: { first: 'two' } },
      errors: ['BAD_USER_INPUT'],
    },
    {
      shows: 'characters that are escaped',
      query: String.raw`{ escaped: echo(in: { list: [], note: "a\b\\b\u0001\f\"" }) block: echo(in: { list: [], note: """C:\bin""" }) }`,
      data: {
        escaped: JSON.stringify({ list: [], note: 'a\b\\b\u0001\f"' }),
        block: JSON.stringify({ list: [], note: String.raw`C:\bin` }),
      },
    },
    {
      shows: 'defaults of arguments are the subgraph’s',
      query: '{ echo }',
      data: { echo: '{"list":[{"n":7}],"note":"none"}' },
    },
    {
      shows: 'variables inside nested inputs',
      query:
        'query ($n: Int!, $t: [String!], $d: Deep) { echo(in: { list: [{ n: $n, tags: $t }, { n: 2 }], more: $d }) }',
      variables: { n: 5, t: ['a', 'b'], d: { list: [], note: null } },
      data: { echo: '{"list":[{"n":5,"tags":["a","b"]},{"n":2}],"more":{"list":[],"note":null},"note":"none"}' },
    },
    {
      shows: 'a single value where a list is meant',
      query: 'query ($t: [String!]) { echo(in: { list: { n: 3, tags: $t } }) }',
      variables: { t: 'x' },
      data: { echo: '{"list":[{"n":3,"tags":["x"]}],"note":"none"}' },
    },
    {
      shows: 'a variable that is absent',
      query: 'query ($note: String) { echo(in: { list: [], note: $note }) }',
      data: { echo: '{"list":[],"note":"none"}' },
    },
    {
      shows: 'a variable that is null',
      query: 'query ($note: String) { echo(in: { list: [], note: $note }) }',
      variables: { note: null },
      data: { echo: '{"list":[],"note":null}' },
    },
    {
      shows: 'a default of a variable',
      query: 'query ($note: String = "mine") { a: echo(in: { list: [], note: $note }) }',
      data: { a: '{"list":[],"note":"mine"}' },
    },
  ],
};

const json = new GraphQLScalarType({ name: 'Json' });

const scalars: FederationScenario = {
  name: 'custom scalars',
  subgraphs: {
    a: {
      sdl: `
        scalar Json
        type Query { bag(of: Json): Bag many: [[Json!]]! }
        type Bag @key(fields: "id") { id: Json! things: Json }`,
      resolvers: {
        Json: json,
        Query: {
          bag: (_: unknown, { of }: { of: unknown }) => ({ id: { deep: [1, 'x'] }, things: of }),
          many: () => [[1, { a: null }], null],
        },
      },
    },
    b: {
      sdl: `
        scalar Json
        type Bag @key(fields: "id") { id: Json! size: Int }`,
      resolvers: { Json: json, Bag: { size: ({ id }: { id: { deep: unknown[] } }) => id.deep.length } },
    },
  },
  cases: [
    {
      shows: 'a key that is an object',
      query: '{ bag { size id } }',
      data: { bag: { size: 2, id: { deep: [1, 'x'] } } },
    },
    {
      shows: 'an object literal',
      query: '{ bag(of: { a: [1, 2.5, "x", null, true] }) { things } }',
      data: { bag: { things: { a: [1, 2.5, 'x', null, true] } } },
    },
    {
      shows: 'an object in a variable',
      query: 'query ($j: Json) { bag(of: $j) { things } }',
      variables: { j: { __typename: 'Bag', b: [] } },
      data: { bag: { things: { __typename: 'Bag', b: [] } } },
    },
    { shows: 'lists of lists', query: '{ many }', data: { many: [[1, { a: null }], null] } },
  ],
};

const simpleInaccessible: FederationScenario = {
  name: 'simple @inaccessible',
  subgraphs: {
    age: {
      sdl: `
        type Query { elders: [Person!]! oldest: Being }
        union Being = Person | Ghost
        type Ghost @inaccessible { id: ID! }
        type Person @key(fields: "id") { id: ID! @inaccessible age: Int friends(kind: Kind = NEAR, max: Int = 2 @inaccessible): [Person!]! secret: Int @inaccessible }
        enum Kind { NEAR FAR }`,
      resolvers: {
        Query: { elders: () => [{ id: 'p1', age: 90 }], oldest: () => ({ __typename: 'Ghost', id: 'g' }) },
        Person: {
          ...found(
            [
              { id: 'p1', age: 90 },
              { id: 'p2', age: 50 },
            ],
            'id',
          ),
          friends: (_: unknown, { kind, max }: { kind: string; max: number }) => [
            { id: kind === 'FAR' ? 'p2' : 'p1', age: max },
          ],
        },
      },
    },
    names: {
      sdl: `
        type Query { named: [Person!]! }
        type Person @key(fields: "id") { id: ID! name: String secret: Int @external plus: Int @requires(fields: "secret") }`,
      resolvers: {
        Query: { named: () => [{ id: 'p2', name: 'Bob' }] },
        Person: {
          ...found(
            [
              { id: 'p1', name: 'Ann' },
              { id: 'p2', name: 'Bob' },
            ],
            'id',
          ),
          plus: ({ secret }: { secret: number | null }) => (secret ?? 41) + 1,
        },
      },
    },
  },
  cases: [
    {
      shows: 'a hidden key still joins',
      query: '{ elders { age name } named { name age } }',
      data: { elders: [{ age: 90, name: 'Ann' }], named: [{ name: 'Bob', age: 50 }] },
    },
    { shows: 'a hidden field is not there', query: '{ elders { id } }', errors: ['GRAPHQL_VALIDATION_FAILED'] },
    {
      shows: 'a hidden argument is not there',
      query: '{ elders { friends(max: 3) { age } } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'arguments beside a hidden one',
      query: '{ elders { friends(kind: FAR) { name } } }',
      data: { elders: [{ friends: [{ name: 'Bob' }] }] },
    },
    { shows: 'a hidden field can be required', query: '{ elders { plus } }', data: { elders: [{ plus: 42 }] } },
    { shows: 'an object of a hidden type is null', query: '{ oldest { __typename } }', data: { oldest: null } },
    {
      shows: 'a hidden type cannot be named',
      query: '{ oldest { ... on Ghost { id } } }',
      errors: ['GRAPHQL_VALIDATION_FAILED'],
    },
    {
      shows: 'introspection does not tell',
      query:
        '{ __type(name: "Person") { fields { name args { name } } } __schema { queryType { name } } ghost: __type(name: "Ghost") { name } }',
      data: {
        __type: {
          fields: [
            { name: 'age', args: [] },
            { name: 'friends', args: [{ name: 'kind' }] },
            { name: 'name', args: [] },
            { name: 'plus', args: [] },
          ],
        },
        __schema: { queryType: { name: 'Query' } },
        ghost: null,
      },
    },
  ],
};

export const inputs: readonly FederationScenario[] = [enumIntersection, inputIntersection, scalars, simpleInaccessible];
