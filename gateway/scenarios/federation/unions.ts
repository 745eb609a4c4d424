import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const book = { __typename: 'Book', id: 'b', title: 'Waves' };
const film = { __typename: 'Film', id: 'f', title: 'Dunes' };
const song = { __typename: 'Song', id: 's', title: 'Rain' };

/** One union with other members in each subgraph, below shared fields. */
const unionIntersection: FederationScenario = {
  name: 'union intersection',
  subgraphs: {
    a: {
      sdl: `
        type Query { item: Item @shareable viewer: Viewer @shareable }
        union Item = Book | Song
        type Viewer { item: Item @shareable book: Item @shareable song: Item }
        type Book { title: String! @shareable }
        type Song { title: String! @shareable }`,
      resolvers: {
        Query: { item: () => book, viewer: () => ({ item: book, book, song }) },
      },
    },
    b: {
      sdl: `
        type Query { item: Item @shareable viewer: Viewer @shareable }
        union Item = Book | Film
        type Viewer { item: Item @shareable book: Item @shareable film: Item }
        type Book { title: String! @shareable }
        type Film { title: String! @shareable }`,
      resolvers: {
        Query: { item: () => book, viewer: () => ({ item: book, book, film }) },
      },
    },
  },
  cases: [
    { shows: 'a member that it is not', query: '{ item { ... on Film { title } } }', data: { item: {} } },
    { shows: 'the member that it is', query: '{ item { ... on Book { title } } }', data: { item: { title: 'Waves' } } },
    {
      shows: 'both',
      query: '{ item { ... on Book { title } ... on Film { title } __typename } }',
      data: { item: { title: 'Waves', __typename: 'Book' } },
    },
    {
      shows: 'all three',
      query: '{ item { ... on Book { title } ... on Film { title } ... on Song { title } } }',
      data: { item: { title: 'Waves' } },
    },
    {
      shows: 'below a shared object, each field as its subgraph knows it',
      query:
        '{ viewer { item { ...T } book { ...T } song { ...T } film { ...T } } } fragment T on Item { __typename ... on Song { title } ... on Film { title } ... on Book { title } }',
      data: {
        viewer: {
          item: { __typename: 'Book', title: 'Waves' },
          book: { __typename: 'Book', title: 'Waves' },
          song: { __typename: 'Song', title: 'Rain' },
          film: { __typename: 'Film', title: 'Dunes' },
        },
      },
    },
    {
      shows: 'below a shared object, a member that it is not',
      query: '{ viewer { item { ... on Film { title } } } }',
      data: { viewer: { item: {} } },
    },
    {
      shows: 'below a shared object, the member that it is',
      query: '{ viewer { item { ... on Book { title } } book { ... on Song { title } ... on Book { title } } } }',
      data: { viewer: { item: { title: 'Waves' }, book: { title: 'Waves' } } },
    },
    {
      shows: 'a shared way and one of its own',
      query: '{ item { ... on Book { title } } viewer { film { ... on Film { title } } } }',
      data: { item: { title: 'Waves' }, viewer: { film: { title: 'Dunes' } } },
    },
    {
      shows: 'aliases of members',
      query: '{ viewer { x: song { ... on Song { t: title } } y: film { ... on Film { t: title } } } }',
      data: { viewer: { x: { t: 'Rain' }, y: { t: 'Dunes' } } },
    },
    {
      shows: 'only the type',
      query: '{ item { __typename } viewer { song { __typename } } }',
      data: { item: { __typename: 'Book' }, viewer: { song: { __typename: 'Song' } } },
    },
    {
      shows: 'the type under another name, in a fragment',
      query: '{ viewer { film { kind: __typename ... on Film { kind: __typename } } } }',
      data: { viewer: { film: { kind: 'Film' } } },
    },
  ],
};

const partial = [
  { __typename: 'Lamp', id: 'l', watts: 9 },
  { __typename: 'Fan', id: 'n', speed: 3 },
  { __typename: 'Heater', id: 'h', heat: 20 },
];
const [lamp, fan, heater] = partial;

/** A list of union members under entity hops: the target's members count, not what all subgraphs share. */
const partialUnion: FederationScenario = {
  name: 'partial union',
  subgraphs: {
    a: {
      sdl: `
        type Query { roomA: Room common: Room @shareable }
        union Device = Lamp | Fan
        type Room @key(fields: "id") { id: ID! box: Box @shareable }
        type Box @shareable { devices: [Device!]! }
        type Lamp @shareable { watts: Int }
        type Fan { speed: Int }`,
      resolvers: {
        Query: {
          roomA: () => ({ id: 'r', box: { devices: [lamp, fan] } }),
          common: () => ({ id: 'c', box: { devices: [lamp] } }),
        },
        Room: found(
          [
            { id: 'r', box: { devices: [lamp, fan] } },
            { id: 'c', box: { devices: [lamp] } },
          ],
          'id',
        ),
      },
    },
    b: {
      sdl: `
        type Query { roomB: Room common: Room @shareable }
        union Device = Lamp | Heater
        type Room @key(fields: "id") { id: ID! box: Box @shareable boxB: Box }
        type Box @shareable { devices: [Device!]! }
        type Lamp @shareable { watts: Int }
        type Heater { heat: Int }`,
      resolvers: {
        Query: {
          roomB: () => ({ id: 'r', box: { devices: [lamp, heater] } }),
          common: () => ({ id: 'c', box: { devices: [lamp] } }),
        },
        Room: found(
          [
            { id: 'r', box: { devices: [lamp] }, boxB: { devices: [heater, lamp] } },
            { id: 'c', box: { devices: [lamp] } },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: "one subgraph's members",
      query:
        '{ roomA { box { devices { ...D } } } } fragment D on Device { __typename ... on Lamp { watts } ... on Fan { speed } ... on Heater { heat } }',
      data: {
        roomA: {
          box: {
            devices: [
              { __typename: 'Lamp', watts: 9 },
              { __typename: 'Fan', speed: 3 },
            ],
          },
        },
      },
    },
    {
      shows: "the other's",
      query:
        '{ roomB { box { devices { __typename ... on Lamp { watts } ... on Fan { speed } ... on Heater { heat } } } } }',
      data: {
        roomB: {
          box: {
            devices: [
              { __typename: 'Lamp', watts: 9 },
              { __typename: 'Heater', heat: 20 },
            ],
          },
        },
      },
    },
    {
      shows: 'a member that the asked subgraph does not have',
      query: '{ roomA { box { devices { __typename ... on Heater { heat } } } } }',
      data: { roomA: { box: { devices: [{ __typename: 'Lamp' }, { __typename: 'Fan' }] } } },
    },
    {
      shows: 'a shared way',
      query: '{ common { box { devices { ... on Lamp { watts } ... on Fan { speed } ... on Heater { heat } } } } }',
      data: { common: { box: { devices: [{ watts: 9 }] } } },
    },
    {
      shows: 'through an entity hop',
      query:
        '{ roomA { boxB { devices { __typename ... on Lamp { watts } ... on Fan { speed } ... on Heater { heat } } } } }',
      data: {
        roomA: {
          boxB: {
            devices: [
              { __typename: 'Heater', heat: 20 },
              { __typename: 'Lamp', watts: 9 },
            ],
          },
        },
      },
    },
    {
      shows: 'members with aliases that are the same',
      query: '{ roomB { box { devices { ... on Lamp { n: watts } ... on Heater { n: heat } } } } }',
      data: { roomB: { box: { devices: [{ n: 9 }, { n: 20 }] } } },
    },
  ],
};

/** Interfaces and unions over the same types, in other combinations per subgraph. */
const distributed: FederationScenario = {
  name: 'union and interface distributed',
  subgraphs: {
    a: {
      sdl: `
        type Query { goods: [Good!]! toasters: [Toaster!]! named(id: ID!): Named }
        union Good = Oven | Toaster
        interface Named { id: ID! }
        type Oven implements Named @key(fields: "id") { id: ID! }
        type Toaster implements Named @key(fields: "id") { id: ID! warranty: Int }`,
      resolvers: {
        Query: {
          goods: () => [
            { __typename: 'Oven', id: 'o1' },
            { __typename: 'Toaster', id: 't1', warranty: 3 },
          ],
          toasters: () => [
            { id: 't1', warranty: 3 },
            { id: 't2', warranty: 4 },
          ],
          named: (_: unknown, { id }: { id: string }) => ({
            __typename: id.startsWith('o') ? 'Oven' : 'Toaster',
            id,
            warranty: 3,
          }),
        },
        Toaster: found(
          [
            { id: 't1', warranty: 3 },
            { id: 't2', warranty: 4 },
          ],
          'id',
        ),
      },
    },
    b: {
      sdl: `
        interface Named { id: ID! warranty: Int }
        type Oven implements Named @key(fields: "id") { id: ID! warranty: Int }
        type Toaster implements Named @key(fields: "id") { id: ID! warranty: Int @external slots: Int }`,
      resolvers: {
        Oven: found([{ id: 'o1', warranty: 1 }], 'id'),
        Toaster: found(
          [
            { id: 't1', slots: 2 },
            { id: 't2', slots: 4 },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'members with fields of two subgraphs',
      query: '{ goods { ... on Oven { id warranty } ... on Toaster { id warranty slots } } }',
      data: {
        goods: [
          { id: 'o1', warranty: 1 },
          { id: 't1', warranty: 3, slots: 2 },
        ],
      },
    },
    {
      shows: 'a union through its interface',
      query: '{ goods { ... on Named { id } } }',
      data: { goods: [{ id: 'o1' }, { id: 't1' }] },
    },
    {
      shows: 'an interface field that each type has elsewhere',
      query: '{ goods { ... on Named { id warranty } } }',
      data: {
        goods: [
          { id: 'o1', warranty: 1 },
          { id: 't1', warranty: 3 },
        ],
      },
    },
    {
      shows: 'only the type through the interface',
      query: '{ goods { ... on Named { __typename } } }',
      data: { goods: [{ __typename: 'Oven' }, { __typename: 'Toaster' }] },
    },
    {
      shows: 'an object through its interface',
      query: '{ toasters { ... on Named { ... on Toaster { id slots } } } }',
      data: {
        toasters: [
          { id: 't1', slots: 2 },
          { id: 't2', slots: 4 },
        ],
      },
    },
    {
      shows: 'a type that cannot be, inside its own interface',
      query: '{ toasters { ... on Named { ... on Oven { id } } id } }',
      data: { toasters: [{ id: 't1' }, { id: 't2' }] },
    },
    {
      shows: 'a union inside an object',
      query: '{ toasters { ... on Good { ... on Toaster { warranty } } } }',
      data: { toasters: [{ warranty: 3 }, { warranty: 4 }] },
    },
    {
      shows: 'an interface field, one type',
      query: '{ named(id: "o1") { id warranty __typename } }',
      data: { named: { id: 'o1', warranty: 1, __typename: 'Oven' } },
    },
    {
      shows: 'an interface field, the other type',
      query: '{ named(id: "t1") { ... on Toaster { slots } warranty } }',
      data: { named: { slots: 2, warranty: 3 } },
    },
    {
      shows: 'a fragment of no type',
      query: '{ named(id: "t1") { ... { id } ... on Good { ... on Named { warranty } } } }',
      data: { named: { id: 't1', warranty: 3 } },
    },
  ],
};

export const unions: readonly FederationScenario[] = [unionIntersection, partialUnion, distributed];
