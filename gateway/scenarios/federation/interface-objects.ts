import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const staff = [
  { __typename: 'Nurse', id: 'n1', name: 'Ann', ward: 'W1', age: 40 },
  { __typename: 'Doctor', id: 'd1', name: 'Bob', field: 'heart', age: 50 },
];
const [nurse, doctor] = staff;

/** One subgraph knows the implementations, the other one only the family as a whole. */
const simpleInterfaceObject: FederationScenario = {
  name: 'simple interface object',
  subgraphs: {
    hospital: {
      sdl: `
        type Query { staff: [Staff!]! nurses: [Nurse!]! }
        interface Staff @key(fields: "id") { id: ID! name: String! age: Int }
        type Nurse implements Staff @key(fields: "id") { id: ID! name: String! age: Int ward: String }
        type Doctor implements Staff @key(fields: "id") { id: ID! name: String! age: Int field: String }`,
      resolvers: {
        Query: { staff: () => staff, nurses: () => [nurse] },
        Staff: { __resolveReference: ({ id }: { id: string }) => staff.find((each) => each.id === id) },
        Nurse: found([nurse ?? {}] as { id: string }[], 'id'),
        Doctor: found([doctor ?? {}] as { id: string }[], 'id'),
      },
    },
    phones: {
      sdl: `
        type Query { onCall: [Staff!]! someone: Staff }
        type Staff @key(fields: "id") @interfaceObject { id: ID! phone: String! boss: Staff }`,
      resolvers: {
        Query: { onCall: () => [{ id: 'd1' }, { id: 'n1' }], someone: () => ({ id: 'n1' }) },
        Staff: {
          phone: ({ id }: { id: string }) => `+43 ${id}`,
          boss: ({ id }: { id: string }) => (id === 'n1' ? { id: 'd1' } : null),
        },
      },
    },
  },
  cases: [
    {
      shows: 'the added field on the interface',
      query: '{ staff { id phone } }',
      data: {
        staff: [
          { id: 'n1', phone: '+43 n1' },
          { id: 'd1', phone: '+43 d1' },
        ],
      },
    },
    {
      shows: 'the added field on one implementation',
      query: '{ nurses { name phone ward } }',
      data: { nurses: [{ name: 'Ann', phone: '+43 n1', ward: 'W1' }] },
    },
    {
      shows: 'the added field inside a fragment',
      query: '{ staff { ... on Doctor { field phone } name } }',
      data: { staff: [{ name: 'Ann' }, { field: 'heart', phone: '+43 d1', name: 'Bob' }] },
    },
    {
      shows: 'from the object to the interface',
      query: '{ onCall { name phone } }',
      data: {
        onCall: [
          { name: 'Bob', phone: '+43 d1' },
          { name: 'Ann', phone: '+43 n1' },
        ],
      },
    },
    {
      shows: 'only what the object itself has',
      query: '{ onCall { id phone } }',
      data: {
        onCall: [
          { id: 'd1', phone: '+43 d1' },
          { id: 'n1', phone: '+43 n1' },
        ],
      },
    },
    {
      shows: 'the type is told by who knows it',
      query: '{ onCall { __typename } }',
      data: { onCall: [{ __typename: 'Doctor' }, { __typename: 'Nurse' }] },
    },
    {
      shows: 'the type beside the object’s field',
      query: '{ onCall { phone kind: __typename } }',
      data: {
        onCall: [
          { phone: '+43 d1', kind: 'Doctor' },
          { phone: '+43 n1', kind: 'Nurse' },
        ],
      },
    },
    {
      shows: 'fields of one implementation',
      query: '{ onCall { ... on Nurse { ward } ... on Doctor { field } } }',
      data: { onCall: [{ field: 'heart' }, { ward: 'W1' }] },
    },
    {
      shows: 'a field of the object inside a fragment of an implementation',
      query: '{ onCall { ... on Nurse { phone } } }',
      data: { onCall: [{}, { phone: '+43 n1' }] },
    },
    {
      shows: 'fields of the object inside fragments of several implementations',
      query: '{ onCall { ... on Nurse { n: phone boss { id } } ... on Doctor { d: phone } } }',
      data: { onCall: [{ d: '+43 d1' }, { n: '+43 n1', boss: { id: 'd1' } }] },
    },
    {
      shows: 'the same field inside fragments of several implementations',
      query: '{ onCall { ... on Nurse { phone ward } ... on Doctor { phone field } } }',
      data: {
        onCall: [
          { phone: '+43 d1', field: 'heart' },
          { phone: '+43 n1', ward: 'W1' },
        ],
      },
    },
    {
      shows: 'a field of the interface inside a fragment',
      query: '{ onCall { ... on Nurse { age name } id } }',
      data: { onCall: [{ id: 'd1' }, { age: 40, name: 'Ann', id: 'n1' }] },
    },
    {
      shows: 'an object of the family below another',
      query: '{ staff { name boss { name phone } } }',
      data: {
        staff: [
          { name: 'Ann', boss: { name: 'Bob', phone: '+43 d1' } },
          { name: 'Bob', boss: null },
        ],
      },
    },
    {
      shows: 'the same from the other side',
      query: '{ someone { boss { ... on Doctor { field phone } boss { id } } } }',
      data: { someone: { boss: { field: 'heart', phone: '+43 d1', boss: null } } },
    },
    {
      shows: 'the interface within itself',
      query: '{ onCall { ... on Staff { ... on Doctor { name } phone } } }',
      data: { onCall: [{ name: 'Bob', phone: '+43 d1' }, { phone: '+43 n1' }] },
    },
  ],
};

const withRequires: FederationScenario = {
  name: 'interface object with @requires',
  subgraphs: {
    users: {
      sdl: `
        type Query { users: [User!]! members: [Member!]! guests: [Guest!]! }
        interface User @key(fields: "id") { id: ID! name: String! }
        type Member implements User @key(fields: "id") { id: ID! name: String! since: Int }
        type Guest implements User @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Query: {
          users: () => [
            { __typename: 'Member', id: 'm1', name: 'Mia', since: 9 },
            { __typename: 'Guest', id: 'g1', name: 'Gus' },
          ],
          members: () => [{ id: 'm1', name: 'Mia', since: 9 }],
          guests: () => [{ id: 'g1', name: 'Gus' }],
        },
        User: {
          __resolveReference: ({ id }: { id: string }) => ({
            __typename: id === 'm1' ? 'Member' : 'Guest',
            id,
            name: id === 'm1' ? 'Mia' : 'Gus',
            since: 9,
          }),
        },
      },
    },
    greetings: {
      sdl: `
        type Query { greeted: [User!]! }
        type User @key(fields: "id") @interfaceObject { id: ID! name: String! @external greeting: String! @requires(fields: "name") city: String }`,
      resolvers: {
        Query: { greeted: () => [{ id: 'g1' }, { id: 'm1' }] },
        User: {
          __resolveReference: (user: { id?: string }) => {
            if (user.id === undefined) throw new Error('a user without a key');
            return user;
          },
          greeting: ({ name }: { name?: string }) => `hello ${name}`,
          city: () => 'Linz',
        },
      },
    },
    badges: {
      sdl: `type Guest @key(fields: "id") { id: ID! name: String! @external badge: String @requires(fields: "name") }`,
      resolvers: { Guest: { badge: ({ name }: { name?: string }) => `guest ${name}` } },
    },
  },
  cases: [
    {
      shows: 'on the interface',
      query: '{ users { id greeting } }',
      data: {
        users: [
          { id: 'm1', greeting: 'hello Mia' },
          { id: 'g1', greeting: 'hello Gus' },
        ],
      },
    },
    {
      shows: 'from its own root field',
      query: '{ greeted { greeting } }',
      data: { greeted: [{ greeting: 'hello Gus' }, { greeting: 'hello Mia' }] },
    },
    {
      shows: 'in a fragment',
      query: '{ users { ... on Member { greeting since } } }',
      data: { users: [{ greeting: 'hello Mia', since: 9 }, {}] },
    },
    {
      shows: 'with what it requires',
      query: '{ greeted { name greeting city } }',
      data: {
        greeted: [
          { name: 'Gus', greeting: 'hello Gus', city: 'Linz' },
          { name: 'Mia', greeting: 'hello Mia', city: 'Linz' },
        ],
      },
    },
    {
      shows: 'what it requires alone',
      query: '{ greeted { name } }',
      data: { greeted: [{ name: 'Gus' }, { name: 'Mia' }] },
    },
    {
      shows: 'with the type',
      query: '{ greeted { __typename greeting } }',
      data: {
        greeted: [
          { __typename: 'Guest', greeting: 'hello Gus' },
          { __typename: 'Member', greeting: 'hello Mia' },
        ],
      },
    },
    {
      shows: 'on one implementation',
      query: '{ members { greeting since } guests { greeting badge } }',
      data: {
        members: [{ greeting: 'hello Mia', since: 9 }],
        guests: [{ greeting: 'hello Gus', badge: 'guest Gus' }],
      },
    },
    {
      shows: 'in fragments of several implementations from its own root field',
      query: '{ greeted { ... on Member { m: greeting } ... on Guest { g: greeting city } } }',
      data: { greeted: [{ g: 'hello Gus', city: 'Linz' }, { m: 'hello Mia' }] },
    },
    {
      shows: 'in a fragment from its own root field',
      query: '{ greeted { ... on Member { g: greeting } city } }',
      data: { greeted: [{ city: 'Linz' }, { g: 'hello Mia', city: 'Linz' }] },
    },
  ],
};

/** The subgraph of the list neither owns the interface nor adds to it: it only refers to it. */
const indirectExtension: FederationScenario = {
  name: 'interface object extended from a third place',
  subgraphs: {
    media: {
      sdl: `
        type Query { medium: Medium }
        interface Medium @key(fields: "id") { id: ID! title: String! }
        type Clip implements Medium @key(fields: "id") { id: ID! title: String! seconds: Int }
        type Text implements Medium @key(fields: "id") { id: ID! title: String! words: Int }`,
      resolvers: {
        Query: { medium: () => ({ __typename: 'Clip', id: '1', title: 'One', seconds: 30 }) },
        Medium: {
          __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Clip', id, title: 'One', seconds: 30 }),
        },
      },
    },
    makers: {
      sdl: `type Medium @key(fields: "id") @interfaceObject { id: ID! maker: String }`,
      resolvers: { Medium: { maker: ({ id }: { id: string }) => `maker ${id}` } },
    },
    lists: {
      sdl: `
        type Query { list: List }
        type List @key(fields: "id") { id: ID! media: [Medium!]! }
        type Medium @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
      resolvers: { Query: { list: () => ({ id: 'l', media: [{ id: '1' }] }) } },
    },
  },
  cases: [
    {
      shows: 'from a list that only refers to it',
      query: '{ list { media { id ... on Clip { seconds } ... on Text { words } } } }',
      data: { list: { media: [{ id: '1', seconds: 30 }] } },
    },
    {
      shows: 'what the third adds',
      query: '{ list { id media { maker title } } medium { ... on Clip { maker } } }',
      data: { list: { id: 'l', media: [{ maker: 'maker 1', title: 'One' }] }, medium: { maker: 'maker 1' } },
    },
    {
      shows: 'inside a fragment',
      query: '{ list { media { ... on Clip { maker } __typename } } }',
      data: { list: { media: [{ maker: 'maker 1', __typename: 'Clip' }] } },
    },
  ],
};

export const interfaceObjects: readonly FederationScenario[] = [simpleInterfaceObject, withRequires, indirectExtension];
