import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const parcels = [
  { id: 'p1', weight: 2, zone: 'north' },
  { id: 'p2', weight: 10, zone: 'south' },
];

/** Requirements of requirements, over three subgraphs and back. */
const requiresRequires: FederationScenario = {
  name: '@requires of @requires',
  subgraphs: {
    desk: {
      sdl: `type Query { parcel(id: ID!): Parcel parcels: [Parcel!]! } type Parcel @key(fields: "id") { id: ID! weight: Int zone: String }`,
      resolvers: {
        Query: {
          parcels: () => parcels,
          parcel: (_: unknown, { id }: { id: string }) => parcels.find((each) => each.id === id),
        },
        Parcel: found(parcels, 'id'),
      },
    },
    rates: {
      sdl: `
        type Parcel @key(fields: "id") {
          id: ID! weight: Int @external zone: String @external
          price: Int @requires(fields: "weight") label: String @requires(fields: "zone weight")
        }`,
      resolvers: {
        Parcel: {
          price: ({ weight }: { weight: number }) => weight * 10,
          label: ({ zone, weight }: { zone: string; weight: number }) => `${zone}/${weight}`,
        },
      },
    },
    tax: {
      sdl: `
        type Parcel @key(fields: "id") {
          id: ID! price: Int @external label: String @external
          tax: Int @requires(fields: "price") stamp: String @requires(fields: "price label")
        }`,
      resolvers: {
        Parcel: {
          tax: ({ price }: { price: number }) => price / 5,
          stamp: ({ price, label }: { price: number; label: string }) => `${label}:${price}`,
        },
      },
    },
    bills: {
      sdl: `
        type Parcel @key(fields: "id") {
          id: ID! price: Int @external tax: Int @external zone: String @external
          total: Int @requires(fields: "price tax") note: String @requires(fields: "zone tax")
        }`,
      resolvers: {
        Parcel: {
          total: ({ price, tax }: { price: number; tax: number }) => price + tax,
          note: ({ zone, tax }: { zone: string; tax: number }) => `${zone} ${tax}`,
        },
      },
    },
  },
  cases: [
    { shows: 'one step', query: '{ parcels { price } }', data: { parcels: [{ price: 20 }, { price: 100 }] } },
    { shows: 'two steps', query: '{ parcels { tax } }', data: { parcels: [{ tax: 4 }, { tax: 20 }] } },
    { shows: 'three steps', query: '{ parcels { total } }', data: { parcels: [{ total: 24 }, { total: 120 }] } },
    {
      shows: 'every step asked for as well',
      query: '{ parcel(id: "p1") { total tax price weight } }',
      data: { parcel: { total: 24, tax: 4, price: 20, weight: 2 } },
    },
    {
      shows: 'two chains that meet',
      query: '{ parcel(id: "p2") { stamp note } }',
      data: { parcel: { stamp: 'south/10:100', note: 'south 20' } },
    },
    {
      shows: 'aliases of all',
      query: '{ parcel(id: "p2") { price: tax tax: total weight: label label: weight } }',
      data: { parcel: { price: 20, tax: 120, weight: 'south/10', label: 10 } },
    },
    { shows: 'nothing where the entity is not', query: '{ parcel(id: "none") { total } }', data: { parcel: null } },
  ],
};

/** Each of two subgraphs needs the other's field of the same entity, and one of them an object of a third. */
const requiresCircular: FederationScenario = {
  name: '@requires in a circle',
  subgraphs: {
    feed: {
      sdl: `
        type Query { feed: [Post!]! }
        type Post @key(fields: "id") { id: ID! novice: Boolean! @external expert: Boolean! @requires(fields: "novice") }
        type Writer @key(fields: "id") { id: ID! name: String! years: Int! }`,
      resolvers: {
        Query: { feed: () => [{ id: '1' }, { id: '2' }] },
        Post: { expert: ({ novice }: { novice: boolean }) => !novice },
        Writer: found(
          [
            { id: 'w1', name: 'Ann', years: 1 },
            { id: 'w2', name: 'Bob', years: 20 },
          ],
          'id',
        ),
      },
    },
    posts: {
      sdl: `
        type Post @key(fields: "id") { id: ID! writer: Writer! novice: Boolean! @requires(fields: "writer { years }") }
        type Writer @key(fields: "id") { id: ID! years: Int! @external }`,
      resolvers: {
        Post: {
          __resolveReference: ({ id, writer }: { id: string; writer?: { id?: string; years: number } }) => ({
            id,
            writer: { id: `w${id}`, ...writer },
          }),
          novice: ({ writer }: { writer: { years: number } }) => writer.years < 5,
        },
      },
    },
  },
  cases: [
    { shows: 'there', query: '{ feed { novice } }', data: { feed: [{ novice: true }, { novice: false }] } },
    { shows: 'and back', query: '{ feed { expert } }', data: { feed: [{ expert: false }, { expert: true }] } },
    {
      shows: 'all of it',
      query: '{ feed { id expert novice writer { name years } } }',
      data: {
        feed: [
          { id: '1', expert: false, novice: true, writer: { name: 'Ann', years: 1 } },
          { id: '2', expert: true, novice: false, writer: { name: 'Bob', years: 20 } },
        ],
      },
    },
    {
      shows: 'the object that is required, alone',
      query: '{ feed { writer { id } } }',
      data: { feed: [{ writer: { id: 'w1' } }, { writer: { id: 'w2' } }] },
    },
  ],
};

const offers = [
  { sku: 'x', name: 'Axe', grams: 3, maker: { rate: 7 } },
  { sku: 'y', name: 'Yam', grams: 5, maker: { rate: 20 } },
];

const requiresWithArguments: FederationScenario = {
  name: '@requires with arguments',
  subgraphs: {
    goods: {
      sdl: `
        type Query { goods: [Good] shelf: Shelf }
        type Shelf { top: Good below: [Shelf!] }
        type Good @key(fields: "sku") { sku: String! name: String grams: Int price(unit: String!): Int maker: Maker notes(max: Int, only: [Int!]): [Note!] }
        type Maker { rate(unit: String!): Int }
        type Note @key(fields: "id") { id: ID! length(upper: Boolean): Int }`,
      resolvers: {
        Query: { goods: () => offers, shelf: () => ({ top: offers[0], below: [{ top: offers[1], below: [] }] }) },
        Good: {
          ...found(offers, 'sku'),
          price: ({ grams }: { grams: number }, { unit }: { unit: string }) => (unit === 'EUR' ? grams * 2 : grams),
          notes: ({ sku }: { sku: string }, { max, only }: { max?: number; only?: number[] }) =>
            (only ?? [1, 2, 3]).slice(0, max ?? 3).map((n) => ({ id: `${sku}${n}` })),
        },
        Maker: { rate: ({ rate }: { rate: number }, { unit }: { unit: string }) => (unit === 'EUR' ? rate * 2 : rate) },
        Note: {
          length: ({ id }: { id: string }, { upper }: { upper?: boolean }) => id.length + (upper === true ? 100 : 0),
        },
      },
    },
    posting: {
      sdl: `
        type Query { posted: Good }
        type Good @key(fields: "sku") {
          sku: String!
          grams: Int @external
          price(unit: String!): Int @external
          maker: Maker @external
          notes(max: Int, only: [Int!]): [Note!] @external
          posting: Int @requires(fields: "price(unit: \\"USD\\") grams")
          postingEuro: Int @requires(fields: "price(unit: \\"EUR\\") grams")
          dear: Boolean @requires(fields: "maker { rate(unit: \\"USD\\") }")
          firstNotes: String @requires(fields: "notes(max: 2) { id length(upper: true) }")
          secondNote: String @requires(fields: "notes(only: 2) { id }")
        }
        type Maker @external { rate(unit: String!): Int }
        type Note @key(fields: "id") { id: ID! length(upper: Boolean): Int @external }`,
      resolvers: {
        Query: { posted: () => ({ sku: 'y' }) },
        Good: {
          posting: ({ price, grams }: { price: number; grams: number }) => price * grams * 10,
          postingEuro: ({ price, grams }: { price: number; grams: number }) => price * grams * 10,
          dear: ({ maker }: { maker: { rate: number } }) => maker.rate > 11,
          firstNotes: ({ notes }: { notes: { id: string; length: number }[] }) =>
            notes.map(({ id, length }) => `${id}${length}`).join(),
          secondNote: ({ notes }: { notes: { id: string }[] }) => notes.map(({ id }) => id).join(),
        },
      },
    },
  },
  cases: [
    {
      shows: 'one argument',
      query: '{ goods { sku posting } }',
      data: {
        goods: [
          { sku: 'x', posting: 90 },
          { sku: 'y', posting: 250 },
        ],
      },
    },
    {
      shows: 'the other argument',
      query: '{ goods { postingEuro } }',
      data: { goods: [{ postingEuro: 180 }, { postingEuro: 500 }] },
    },
    {
      shows: 'both at once, one field with two values',
      apolloRefuses: true,
      query: '{ goods { name posting postingEuro dear } }',
      data: {
        goods: [
          { name: 'Axe', posting: 90, postingEuro: 180, dear: false },
          { name: 'Yam', posting: 250, postingEuro: 500, dear: true },
        ],
      },
    },
    {
      shows: 'both at once, of entities inside other objects',
      apolloRefuses: true,
      query: '{ shelf { top { posting postingEuro } below { top { postingEuro posting } } } }',
      data: {
        shelf: { top: { posting: 90, postingEuro: 180 }, below: [{ top: { postingEuro: 500, posting: 250 } }] },
      },
    },
    {
      shows: 'both at once inside another object, beside the client’s',
      apolloRefuses: true,
      query: '{ shelf { top { price(unit: "EUR") postingEuro usd: price(unit: "USD") posting } } }',
      data: { shelf: { top: { price: 6, postingEuro: 180, usd: 3, posting: 90 } } },
    },
    {
      shows: 'beside the same field as the client wants it',
      query: '{ goods { price(unit: "EUR") posting } }',
      data: {
        goods: [
          { price: 6, posting: 90 },
          { price: 10, posting: 250 },
        ],
      },
    },
    {
      shows: 'beside the same field with a variable',
      query: 'query ($u: String!) { goods { p: price(unit: $u) posting price(unit: "USD") } }',
      variables: { u: 'EUR' },
      data: {
        goods: [
          { p: 6, posting: 90, price: 3 },
          { p: 10, posting: 250, price: 5 },
        ],
      },
    },
    {
      shows: 'beside the same nested field as the client wants it',
      query: '{ goods { dear maker { rate(unit: "EUR") usd: rate(unit: "USD") } } }',
      data: {
        goods: [
          { dear: false, maker: { rate: 14, usd: 7 } },
          { dear: true, maker: { rate: 40, usd: 20 } },
        ],
      },
    },
    {
      shows: 'a list with an argument',
      query: '{ goods { firstNotes } }',
      data: { goods: [{ firstNotes: 'x1102,x2102' }, { firstNotes: 'y1102,y2102' }] },
    },
    {
      shows: 'one value for an argument that is a list',
      query: '{ goods { secondNote notes(only: [1]) { id } } }',
      data: {
        goods: [
          { secondNote: 'x2', notes: [{ id: 'x1' }] },
          { secondNote: 'y2', notes: [{ id: 'y1' }] },
        ],
      },
    },
    {
      shows: 'a list with an argument beside the client’s',
      query: '{ goods { firstNotes notes(max: 1) { id length } } }',
      data: {
        goods: [
          { firstNotes: 'x1102,x2102', notes: [{ id: 'x1', length: 2 }] },
          { firstNotes: 'y1102,y2102', notes: [{ id: 'y1', length: 2 }] },
        ],
      },
    },
    {
      shows: 'from the subgraph that requires',
      apolloRefuses: true,
      query: '{ posted { posting postingEuro name } }',
      data: { posted: { posting: 250, postingEuro: 500, name: 'Yam' } },
    },
  ],
};

const people = [
  { id: 'a', contact: { __typename: 'Mail', mail: 'a@x', verified: true } },
  { id: 'b', contact: { __typename: 'Phone', number: '12', verified: false } },
  { id: 'c', contact: { __typename: 'Post', street: 'Main', verified: true } },
];

const requiresWithFragments: FederationScenario = {
  name: '@requires with fragments',
  subgraphs: {
    book: {
      sdl: `
        type Query { people: [Human!]! person(id: ID!): Human }
        type Human @key(fields: "id") { id: ID! contact: Contact! }
        interface Contact { verified: Boolean! }
        type Mail implements Contact { mail: String verified: Boolean! }
        type Phone implements Contact { number: String verified: Boolean! }
        type Post implements Contact { street: String verified: Boolean! }`,
      resolvers: {
        Query: {
          people: () => people,
          person: (_: unknown, { id }: { id: string }) => people.find((each) => each.id === id),
        },
        Human: found(people, 'id'),
      },
    },
    card: {
      sdl: `
        type Query { cards: [Human!]! }
        type Human @key(fields: "id") {
          id: ID!
          contact: Contact! @external
          card: String @requires(fields: "contact { verified ... on Mail { mail } ... on Phone { number } }")
          ok: Boolean @requires(fields: "contact { verified }")
        }
        interface Contact { verified: Boolean! }
        type Mail implements Contact { mail: String @external verified: Boolean! @external }
        type Phone implements Contact { number: String @external verified: Boolean! @external }
        type Post implements Contact { verified: Boolean! @external }`,
      resolvers: {
        Query: { cards: () => [{ id: 'a' }] },
        Human: {
          card: ({ contact }: { contact: { __typename: string; mail?: string; number?: string } }) =>
            `${contact.__typename} ${contact.mail ?? contact.number ?? '-'}`,
          ok: ({ contact }: { contact: { verified: boolean } }) => contact.verified,
        },
      },
    },
  },
  cases: [
    {
      shows: 'each member its own fields',
      query: '{ people { card } }',
      data: { people: [{ card: 'Mail a@x' }, { card: 'Phone 12' }, { card: 'Post -' }] },
    },
    {
      shows: 'a field of the interface',
      query: '{ people { ok } }',
      data: { people: [{ ok: true }, { ok: false }, { ok: true }] },
    },
    {
      shows: 'both',
      query: '{ person(id: "b") { card ok id } }',
      data: { person: { card: 'Phone 12', ok: false, id: 'b' } },
    },
    {
      shows: 'beside the same object for the client',
      query: '{ person(id: "a") { contact { __typename ... on Mail { mail } } card } }',
      data: { person: { contact: { __typename: 'Mail', mail: 'a@x' }, card: 'Mail a@x' } },
    },
    {
      shows: 'from the subgraph that requires',
      query: '{ cards { card contact { verified } } }',
      data: { cards: [{ card: 'Mail a@x', contact: { verified: true } }] },
    },
    {
      shows: 'under other aliases',
      query: '{ person(id: "b") { contact { verified: __typename ... on Phone { mail: number } } card } }',
      data: { person: { contact: { verified: 'Phone', mail: '12' }, card: 'Phone 12' } },
    },
  ],
};

/** An interface field is required of entities of another subgraph. */
const requiresInterface: FederationScenario = {
  name: '@requires of an interface',
  subgraphs: {
    base: {
      sdl: `
        type Query { a: Person b: Person }
        type Person @key(fields: "id") { id: ID! home: Home @shareable }
        interface Home { id: ID! }
        type Flat implements Home @key(fields: "id") { id: ID! floor: Int }
        type House implements Home @key(fields: "id") { id: ID! rooms: Int }`,
      resolvers: {
        Query: {
          a: () => ({ id: 'p1', home: { __typename: 'Flat', id: 'f1', floor: 4 } }),
          b: () => ({ id: 'p2', home: { __typename: 'House', id: 'h1', rooms: 9 } }),
        },
        Person: found(
          [
            { id: 'p1', home: { __typename: 'Flat', id: 'f1', floor: 4 } },
            { id: 'p2', home: { __typename: 'House', id: 'h1', rooms: 9 } },
          ],
          'id',
        ),
        Flat: found([{ id: 'f1', floor: 4 }], 'id'),
        House: found([{ id: 'h1', rooms: 9 }], 'id'),
      },
    },
    places: {
      sdl: `
        type Query { c: Person }
        type Person @key(fields: "id") { id: ID! home: Home @external town: String @requires(fields: "home { id }") size: String @requires(fields: "home { ... on Flat { floor } ... on House { rooms } }") }
        interface Home { id: ID! }
        type Flat implements Home @key(fields: "id") { id: ID! floor: Int @external door: String }
        type House implements Home @key(fields: "id") { id: ID! rooms: Int @external gate: String }`,
      resolvers: {
        Query: { c: () => ({ id: 'p1' }) },
        Person: {
          town: ({ home }: { home: { id: string } }) => `town of ${home.id}`,
          size: ({ home }: { home: { floor?: number; rooms?: number } }) => `${home.floor ?? '-'}/${home.rooms ?? '-'}`,
        },
        Flat: { door: ({ id }: { id: string }) => `door ${id}` },
        House: { gate: () => 'gate' },
      },
    },
  },
  cases: [
    { shows: 'one implementation', query: '{ a { town } }', data: { a: { town: 'town of f1' } } },
    { shows: 'the other', query: '{ b { town size } }', data: { b: { town: 'town of h1', size: '-/9' } } },
    { shows: 'by fragments', query: '{ a { size } }', data: { a: { size: '4/-' } } },
    {
      shows: 'from the requiring side',
      query: '{ c { town size home { __typename } } }',
      data: { c: { town: 'town of f1', size: '4/-', home: { __typename: 'Flat' } } },
    },
    {
      shows: 'with fields of both subgraphs on the implementations',
      query: '{ a { home { ... on Flat { floor door } ... on House { gate } } town } }',
      data: { a: { home: { floor: 4, door: 'door f1' }, town: 'town of f1' } },
    },
    {
      shows: 'the interface under another alias',
      query: '{ b { home: id x: home { id } town } }',
      data: { b: { home: 'p2', x: { id: 'h1' }, town: 'town of h1' } },
    },
  ],
};

/** A subgraph lists the fields that it needs by way of a nested entity of the other. */
const nestedRequires: FederationScenario = {
  name: '@requires of a nested entity',
  subgraphs: {
    teams: {
      sdl: `type Query { team: Team } type Team @key(fields: "id") { id: ID! lead: Player } type Player @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { team: () => ({ id: 't', lead: { id: 'p' } }) },
        Team: found([{ id: 't', lead: { id: 'p' } }], 'id'),
      },
    },
    players: {
      sdl: `type Player @key(fields: "id") { id: ID! nick: String score: Int }`,
      resolvers: { Player: found([{ id: 'p', nick: 'Zed', score: 12 }], 'id') },
    },
    banners: {
      sdl: `
        type Team @key(fields: "id") { id: ID! lead: Player @external banner: String @requires(fields: "lead { nick score }") }
        type Player @key(fields: "id") { id: ID! nick: String @external score: Int @external }`,
      resolvers: {
        Team: { banner: ({ lead }: { lead: { nick: string; score: number } }) => `${lead.nick}!${lead.score}` },
      },
    },
  },
  cases: [
    { shows: 'out of the third subgraph', query: '{ team { banner } }', data: { team: { banner: 'Zed!12' } } },
    {
      shows: 'with part of it for the client',
      query: '{ team { lead { nick } banner } }',
      data: { team: { lead: { nick: 'Zed' }, banner: 'Zed!12' } },
    },
  ],
};

export const requirements: readonly FederationScenario[] = [
  requiresRequires,
  requiresCircular,
  requiresWithArguments,
  requiresWithFragments,
  requiresInterface,
  nestedRequires,
];
