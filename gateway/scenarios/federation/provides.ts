import { GraphQLError } from 'graphql';
import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const animals = [
  { id: 'c', name: 'Mia', age: 3 },
  { id: 'd', name: 'Rex', age: 5 },
];

const simpleRequiresProvides: FederationScenario = {
  name: 'simple @requires and @provides',
  subgraphs: {
    accounts: {
      sdl: `type Query { me: Owner } type Owner @key(fields: "id") { id: ID! name: String nick: String @shareable }`,
      resolvers: {
        Query: { me: () => ({ id: 'o1', name: 'Ann', nick: 'annie' }) },
        Owner: found(
          [
            { id: 'o1', name: 'Ann', nick: 'annie' },
            { id: 'o2', name: 'Bob', nick: 'bobby' },
          ],
          'id',
        ),
      },
    },
    stock: {
      sdl: `
        type Pet @key(fields: "id") { id: ID! weight: Int @external price: Int @external vaccinated: Boolean cage: String @requires(fields: "weight") fee: Int @requires(fields: "price weight") tag: String }`,
      resolvers: {
        Pet: {
          __resolveReference: (pet: { id: string; weight?: number; price?: number }) => ({
            ...pet,
            vaccinated: pet.id === 'c',
            tag: `${pet.weight === undefined ? 'no' : 'with'} weight`,
          }),
          cage: ({ weight }: { weight: number }) => (weight > 9 ? 'big' : 'small'),
          fee: ({ weight, price }: { weight: number; price: number }) => weight * price,
        },
      },
    },
    shop: {
      sdl: `type Query { pets(first: Int = 2): [Pet!]! } type Pet @key(fields: "id") { id: ID! title: String price: Int weight: Int }`,
      resolvers: {
        Query: {
          pets: (_: unknown, { first }: { first: number }) =>
            [
              { id: 'c', title: 'Cat', price: 10, weight: 4 },
              { id: 'd', title: 'Dog', price: 20, weight: 30 },
            ].slice(0, first),
        },
        Pet: found(
          [
            { id: 'c', title: 'Cat', price: 10, weight: 4 },
            { id: 'd', title: 'Dog', price: 20, weight: 30 },
          ],
          'id',
        ),
      },
    },
    reviews: {
      sdl: `
        type Review @key(fields: "id") { id: ID! text: String by: Owner @provides(fields: "nick") pet: Pet }
        type Owner @key(fields: "id") { id: ID! nick: String @external reviews: [Review!] }
        type Pet @key(fields: "id") { id: ID! reviews: [Review!] }`,
      resolvers: {
        Owner: {
          reviews: () => [{ id: 'r1', text: 'good', by: { id: 'o1', nick: 'annie (kept)' }, pet: { id: 'd' } }],
        },
        Pet: {
          reviews: ({ id }: { id: string }) =>
            id === 'c' ? [{ id: 'r2', text: 'soft', by: { id: 'o2', nick: 'bobby (kept)' }, pet: { id: 'c' } }] : [],
        },
      },
    },
  },
  cases: [
    {
      shows: 'one subgraph',
      query: '{ pets { title price } }',
      data: {
        pets: [
          { title: 'Cat', price: 10 },
          { title: 'Dog', price: 20 },
        ],
      },
    },
    {
      shows: 'a field of another',
      query: '{ pets { title vaccinated } }',
      data: {
        pets: [
          { title: 'Cat', vaccinated: true },
          { title: 'Dog', vaccinated: false },
        ],
      },
    },
    { shows: 'one requirement', query: '{ pets { cage } }', data: { pets: [{ cage: 'small' }, { cage: 'big' }] } },
    {
      shows: 'two requirements in one hop',
      query: '{ pets { cage fee } }',
      data: {
        pets: [
          { cage: 'small', fee: 40 },
          { cage: 'big', fee: 600 },
        ],
      },
    },
    {
      shows: 'what is required, too',
      query: '{ pets(first: 1) { weight fee price } }',
      data: { pets: [{ weight: 4, fee: 40, price: 10 }] },
    },
    {
      shows: 'a provided field comes from the provider',
      query: '{ me { reviews { by { nick } } } }',
      data: { me: { reviews: [{ by: { nick: 'annie (kept)' } }] } },
    },
    {
      shows: 'the same field elsewhere comes from its owner',
      query: '{ me { nick } }',
      data: { me: { nick: 'annie' } },
    },
    {
      shows: 'provided and not provided',
      query: '{ pets { reviews { by { nick name } } } }',
      data: { pets: [{ reviews: [{ by: { nick: 'bobby (kept)', name: 'Bob' } }] }, { reviews: [] }] },
    },
    {
      shows: 'there and back',
      query: '{ pets { reviews { pet { title reviews { text } } } } }',
      data: { pets: [{ reviews: [{ pet: { title: 'Cat', reviews: [{ text: 'soft' }] } }] }, { reviews: [] }] },
    },
    {
      shows: 'through two entities to a requirement',
      query: '{ me { name reviews { pet { cage } text } } }',
      data: { me: { name: 'Ann', reviews: [{ pet: { cage: 'big' }, text: 'good' }] } },
    },
    {
      shows: 'a variable in a root argument',
      query: 'query ($n: Int) { pets(first: $n) { id } }',
      variables: { n: 1 },
      data: { pets: [{ id: 'c' }] },
    },
    {
      shows: 'a default where the variable is absent',
      query: 'query ($n: Int) { pets(first: $n) { id } }',
      data: { pets: [{ id: 'c' }, { id: 'd' }] },
    },
  ],
};

/** Sections of sections, each level provided a little more. */
const nestedProvides: FederationScenario = {
  name: 'nested @provides',
  subgraphs: {
    shop: {
      sdl: `
        type Query { goods: [Good!]! @provides(fields: "sections { id name parent { id } }") }
        type Good @key(fields: "id") { id: ID! sections: [Section!]! @external }
        type Section @key(fields: "id") { id: ID! name: String @external parent: Section @external }`,
      resolvers: {
        Query: { goods: () => [{ id: 'g', sections: [{ id: 's1', name: 'Tea (kept)', parent: { id: 's0' } }] }] },
      },
    },
    sections: {
      sdl: `
        type Good @key(fields: "id") { id: ID! sections: [Section!]! @shareable }
        type Section @key(fields: "id") { id: ID! name: String @shareable parent: Section @shareable }`,
      resolvers: {
        Good: found([{ id: 'g', sections: [{ id: 's1', name: 'Tea', parent: { id: 's0', name: 'Drinks' } }] }], 'id'),
        Section: found(
          [
            { id: 's1', name: 'Tea', parent: { id: 's0', name: 'Drinks' } },
            { id: 's0', name: 'Drinks', parent: null },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'all of it provided',
      query: '{ goods { id sections { id name parent { id } } } }',
      data: { goods: [{ id: 'g', sections: [{ id: 's1', name: 'Tea (kept)', parent: { id: 's0' } }] }] },
    },
    {
      shows: 'one level more than is provided',
      query: '{ goods { sections { parent { name } } } }',
      data: { goods: [{ sections: [{ parent: { name: 'Drinks' } }] }] },
    },
  ],
};

const providesOnAbstract: FederationScenario = {
  name: '@provides on interfaces and unions',
  subgraphs: {
    hub: {
      sdl: `
        type Query { star: Media @provides(fields: "... on Tape { animals { id ... on Cat { name } ... on Dog { name } } }") any: Sound @provides(fields: "... on Cat { name } ... on Dog { name age }") }
        interface Media { id: ID! }
        interface Animal { id: ID! }
        union Sound = Cat | Dog
        type Tape implements Media @key(fields: "id") { id: ID! animals: [Animal!] @external }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @external }
        type Dog implements Animal @key(fields: "id") { id: ID! name: String @external age: Int @external }`,
      resolvers: {
        Query: {
          star: () => ({
            __typename: 'Tape',
            id: 't',
            animals: [
              { __typename: 'Cat', id: 'c', name: 'Mia (kept)' },
              { __typename: 'Dog', id: 'd', name: 'Rex (kept)' },
            ],
          }),
          any: () => ({ __typename: 'Dog', id: 'd', name: 'Rex (kept)', age: 50 }),
        },
      },
    },
    media: {
      sdl: `
        interface Media { id: ID! animals: [Animal!] }
        interface Animal { id: ID! name: String }
        type Tape implements Media @key(fields: "id") { id: ID! animals: [Animal!] @shareable }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @shareable }
        type Dog implements Animal @key(fields: "id") { id: ID! name: String @shareable }`,
      resolvers: {
        Tape: found(
          [
            {
              id: 't',
              animals: [
                { __typename: 'Cat', id: 'c', name: 'Mia' },
                { __typename: 'Dog', id: 'd', name: 'Rex' },
              ],
            },
          ],
          'id',
        ),
        Cat: found([{ id: 'c', name: 'Mia' }], 'id'),
        Dog: found([{ id: 'd', name: 'Rex' }], 'id'),
      },
    },
    ages: {
      sdl: `type Cat @key(fields: "id") { id: ID! age: Int @shareable } type Dog @key(fields: "id") { id: ID! age: Int @shareable }`,
      resolvers: {
        Cat: found(
          animals.map(({ id, age }) => ({ id, age })),
          'id',
        ),
        Dog: found(
          animals.map(({ id, age }) => ({ id, age })),
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'below an interface',
      query: '{ star { id ... on Tape { animals { ... on Cat { name } ... on Dog { name } } } } }',
      data: { star: { id: 't', animals: [{ name: 'Mia (kept)' }, { name: 'Rex (kept)' }] } },
    },
    {
      shows: 'below an interface, with what is not provided',
      query: '{ star { ... on Tape { animals { id ... on Cat { age } } } } }',
      data: { star: { animals: [{ id: 'c', age: 3 }, { id: 'd' }] } },
    },
    {
      shows: 'on a union',
      query: '{ any { ... on Dog { name age } ... on Cat { name } } }',
      data: { any: { name: 'Rex (kept)', age: 50 } },
    },
    {
      shows: 'on a union, with what is not provided',
      query: '{ any { ... on Cat { age name } ... on Dog { id age } } }',
      data: { any: { id: 'd', age: 50 } },
    },
  ],
};

/** What a subgraph could provide but nobody asks for must not be asked of it: here it would throw. */
const providesOnlyRequested: FederationScenario = {
  name: '@provides only what is asked for',
  subgraphs: {
    owner: {
      sdl: `type Entity @key(fields: "id") { id: ID! name: String! @shareable blurb: String! @shareable extra: String! }`,
      resolvers: {
        Entity: found(
          [
            { id: 'e1', name: 'One', blurb: 'B1', extra: 'X1' },
            { id: 'e2', name: 'Two', blurb: 'B2', extra: 'X2' },
          ],
          'id',
        ),
      },
    },
    provider: {
      sdl: `
        type Query { entity: Entity @provides(fields: "name blurb") entities: [Entity!]! @provides(fields: "name blurb") }
        type Entity @key(fields: "id") { id: ID! name: String! @external blurb: String! @external }`,
      resolvers: {
        Query: {
          entity: () => ({ id: 'e1', name: 'One' }),
          entities: () => [
            { id: 'e1', name: 'One' },
            { id: 'e2', name: 'Two' },
          ],
        },
        Entity: {
          blurb: () => {
            throw new GraphQLError('nobody asked for it');
          },
        },
      },
    },
  },
  cases: [
    { shows: 'only the key', query: '{ entity { id } }', data: { entity: { id: 'e1' } } },
    { shows: 'one of two', query: '{ entity { id name } }', data: { entity: { id: 'e1', name: 'One' } } },
    { shows: 'under an alias', query: '{ entity { shown: name } }', data: { entity: { shown: 'One' } } },
    {
      shows: 'in fragments',
      query: '{ entity { ... on Entity { ...N } ... { id } } } fragment N on Entity { name }',
      data: { entity: { name: 'One', id: 'e1' } },
    },
    {
      shows: 'with a hop to the owner',
      query: '{ entity { name extra } }',
      data: { entity: { name: 'One', extra: 'X1' } },
    },
    {
      shows: 'in a list',
      query: '{ entities { name extra id } }',
      data: {
        entities: [
          { name: 'One', extra: 'X1', id: 'e1' },
          { name: 'Two', extra: 'X2', id: 'e2' },
        ],
      },
    },
    {
      shows: 'skipped',
      query:
        'query ($no: Boolean!) { entity { id ... @skip(if: true) { blurb } ... on Entity @include(if: $no) { blurb } } }',
      variables: { no: false },
      data: { entity: { id: 'e1' } },
    },
    {
      shows: 'asked for, and its error told',
      query: '{ entity { id blurb } }',
      data: { entity: null },
      errors: ['SUBGRAPH_ERROR at entity.blurb'],
    },
  ],
};

/** Every subgraph answers a part of the same root field. */
const sharedRoot: FederationScenario = {
  name: 'shared root',
  subgraphs: {
    names: {
      sdl: `type Query { product: Product @shareable products: [Product!]! @shareable } type Product { id: ID! @shareable name: Name } type Name { brand: String model: String }`,
      resolvers: {
        Query: {
          product: () => ({ id: '1', name: { brand: 'B', model: 'M' } }),
          products: () => [{ id: '1', name: { brand: 'B', model: 'M' } }],
        },
      },
    },
    prices: {
      sdl: `type Query { product: Product @shareable products: [Product!]! @shareable } type Product { id: ID! @shareable price: Price } type Price { amount: Int currency: String }`,
      resolvers: {
        Query: {
          product: () => ({ id: '1', price: { amount: 9, currency: 'EUR' } }),
          products: () => [{ id: '1', price: { amount: 9, currency: 'EUR' } }],
        },
      },
    },
    groups: {
      sdl: `type Query { product: Product @shareable products: [Product!]! @shareable } type Product { id: ID! @shareable group: Group } type Group { id: ID! label: String }`,
      resolvers: {
        Query: {
          product: () => ({ id: '1', group: { id: 'g', label: 'G' } }),
          products: () => [{ id: '1', group: { id: 'g', label: 'G' } }],
        },
      },
    },
  },
  cases: [
    {
      shows: 'an object out of three subgraphs',
      query: '{ product { id name { brand model } price { amount currency } group { id label } } }',
      data: {
        product: {
          id: '1',
          name: { brand: 'B', model: 'M' },
          price: { amount: 9, currency: 'EUR' },
          group: { id: 'g', label: 'G' },
        },
      },
    },
    {
      shows: 'a list out of three subgraphs',
      query: '{ products { id name { brand } price { amount } group { label } } }',
      data: { products: [{ id: '1', name: { brand: 'B' }, price: { amount: 9 }, group: { label: 'G' } }] },
    },
    {
      shows: 'what all of them have',
      query: '{ product { id } products { id } }',
      data: { product: { id: '1' }, products: [{ id: '1' }] },
    },
    {
      shows: 'two aliases',
      query: '{ a: product { price { amount } } b: product { group { id } } }',
      data: { a: { price: { amount: 9 } }, b: { group: { id: 'g' } } },
    },
  ],
};

/** `weight` and `box` come along with the goods of an order, and are what their freight requires. */
const requiresWhatIsProvided: FederationScenario = {
  name: '@requires of what @provides gives',
  subgraphs: {
    goods: {
      sdl: `
        type Query { best: Good }
        type Good @key(fields: "id") { id: ID! weight: Int @shareable box: Box @shareable }
        type Box { width: Int @shareable height: Int @shareable }`,
      resolvers: {
        Query: { best: () => ({ id: 'g1', weight: 7, box: { width: 2, height: 3 } }) },
        Good: found([{ id: 'g1', weight: 7, box: { width: 2, height: 3 } }], 'id'),
      },
    },
    orders: {
      sdl: `
        type Query { order: Order }
        type Order { good: Good @provides(fields: "weight box { width }") }
        type Good @key(fields: "id") {
          id: ID!
          weight: Int @external
          box: Box @external
          freight: Int @requires(fields: "weight")
          lane: Int @requires(fields: "box { width }")
          space: Int @requires(fields: "box { width height }")
        }
        type Box { width: Int @external height: Int @external }`,
      resolvers: {
        Query: { order: () => ({ good: { id: 'g1', weight: 7, box: { width: 2 } } }) },
        Good: {
          freight: ({ weight }: { weight: number }) => weight * 10,
          lane: ({ box }: { box: { width: number } }) => box.width * 10,
          space: ({ box }: { box: { width: number; height: number } }) => box.width * box.height,
        },
      },
    },
  },
  cases: [
    {
      shows: 'on the way that provides it',
      query: '{ order { good { freight lane } } }',
      data: { order: { good: { freight: 70, lane: 20 } } },
    },
    {
      shows: 'beside what is provided itself',
      query: '{ order { good { weight freight } } }',
      data: { order: { good: { weight: 7, freight: 70 } } },
    },
    {
      shows: 'where only some of it is provided',
      apolloRefuses: true,
      query: '{ order { good { space } } }',
      data: { order: { good: { space: 6 } } },
    },
    {
      shows: 'on a way that provides nothing',
      query: '{ best { freight lane space } }',
      data: { best: { freight: 70, lane: 20, space: 6 } },
    },
  ],
};

export const provisions: readonly FederationScenario[] = [
  simpleRequiresProvides,
  requiresWhatIsProvided,
  nestedProvides,
  providesOnAbstract,
  providesOnlyRequested,
  sharedRoot,
];
