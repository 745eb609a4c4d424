import { found } from './serve.ts';
import type { FederationScenario } from './serve.ts';

const simpleEntityCall: FederationScenario = {
  name: 'simple entity call',
  subgraphs: {
    timetable: {
      sdl: `type Query { train(number: ID!): Train } type Train @key(fields: "number") { number: ID! }`,
      resolvers: {
        Query: { train: (_: unknown, { number }: { number: string }) => (number === 'gone' ? null : { number }) },
      },
    },
    fleet: {
      sdl: `type Train @key(fields: "number") { number: ID! name: String }`,
      resolvers: {
        Train: found(
          [
            { number: 'IC1', name: 'Alpine' },
            { number: 'RE2', name: 'Coast' },
          ],
          'number',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'one hop',
      query: '{ train(number: "IC1") { number name } }',
      data: { train: { number: 'IC1', name: 'Alpine' } },
    },
    { shows: 'no hop for what is not there', query: '{ train(number: "gone") { name } }', data: { train: null } },
    {
      shows: 'an entity that the other subgraph does not know',
      query: '{ train(number: "X9") { number name } }',
      data: { train: { number: 'X9', name: null } },
    },
    {
      shows: 'the key is fetched though nobody asks for it',
      query: 'query ($n: ID!) { train(number: $n) { title: name } }',
      variables: { n: 'RE2' },
      data: { train: { title: 'Coast' } },
    },
  ],
};

const plots = [
  { id: 'p1', code: 'A', bed: 'b1' },
  { id: 'p2', code: 'B', bed: 'b2' },
];

/** A key that takes three hops to gather: by id, then by id and code, then by a nested object as well. */
const complexEntityCall: FederationScenario = {
  name: 'complex entity call',
  subgraphs: {
    garden: {
      sdl: `type Query { plots: [Plot!]! } type Plot @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { plots: () => plots.map(({ id }) => ({ id })) } },
    },
    codes: {
      sdl: `type Plot @key(fields: "id") @key(fields: "id code") { id: ID! code: String! }`,
      resolvers: {
        Plot: found(
          plots.map(({ id, code }) => ({ id, code })),
          'id',
        ),
      },
    },
    beds: {
      sdl: `
        type Plot @key(fields: "id code") @key(fields: "id code bed { id row }") { id: ID! code: String! bed: Bed! }
        type Bed @key(fields: "id") { id: ID! row: Int! @shareable }`,
      resolvers: {
        Plot: {
          __resolveReference: ({ id, code }: { id: string; code: string }) => {
            const plot = plots.find((each) => each.id === id && each.code === code);
            return plot && { id, code, bed: { id: plot.bed, row: Number(plot.bed.slice(1)) } };
          },
        },
      },
    },
    harvest: {
      sdl: `
        type Plot @key(fields: "id code bed { id row }") { id: ID! code: String! bed: Bed! yield: String }
        type Bed @key(fields: "id") { id: ID! row: Int! @shareable }`,
      resolvers: {
        Plot: { yield: ({ code, bed }: { code: string; bed: { row: number } }) => `${code} of row ${bed.row}` },
      },
    },
  },
  cases: [
    {
      shows: 'a key that is gathered over three hops',
      query: '{ plots { yield } }',
      data: { plots: [{ yield: 'A of row 1' }, { yield: 'B of row 2' }] },
    },
    {
      shows: 'the fields of every hop are there for the client, too',
      query: '{ plots { code yield bed { row id } } }',
      data: {
        plots: [
          { code: 'A', yield: 'A of row 1', bed: { row: 1, id: 'b1' } },
          { code: 'B', yield: 'B of row 2', bed: { row: 2, id: 'b2' } },
        ],
      },
    },
  ],
};

/** Only by going back to the parent entity can the child's field be reached: the child is no entity itself. */
const parentEntityCall: FederationScenario = {
  name: 'parent entity call',
  subgraphs: {
    studio: {
      sdl: `
        type Query { songs: [Song!]! }
        type Song @key(fields: "id") { id: ID! mood: Mood @shareable }
        type Mood { name: String @shareable }`,
      resolvers: {
        Query: {
          songs: () => [
            { id: 's1', mood: { name: 'calm' } },
            { id: 's2', mood: null },
          ],
        },
      },
    },
    feelings: {
      sdl: `
        type Song @key(fields: "id") { id: ID! mood: Mood @shareable }
        type Mood { colour: String name: String @shareable }`,
      resolvers: {
        Song: found(
          [
            { id: 's1', mood: { colour: 'blue', name: 'calm' } },
            { id: 's2', mood: null },
          ],
          'id',
        ),
      },
    },
  },
  cases: [
    {
      shows: 'fields of one object out of two subgraphs',
      query: '{ songs { id mood { name colour } } }',
      data: {
        songs: [
          { id: 's1', mood: { name: 'calm', colour: 'blue' } },
          { id: 's2', mood: null },
        ],
      },
    },
    {
      shows: 'only the far field',
      query: '{ songs { mood { c: colour } } }',
      data: { songs: [{ mood: { c: 'blue' } }, { mood: null }] },
    },
  ],
};

const parentEntityCallComplex: FederationScenario = {
  name: 'parent entity call, two levels up',
  subgraphs: {
    ships: {
      sdl: `
        type Query { ship: Ship }
        type Ship @key(fields: "id") { id: ID! crew: Crew @shareable }
        type Crew { captain: Captain @shareable }
        type Captain { name: String @shareable }`,
      resolvers: { Query: { ship: () => ({ id: 'x', crew: { captain: { name: 'Ann' } } }) } },
    },
    ranks: {
      sdl: `
        type Ship @key(fields: "id") { id: ID! crew: Crew @shareable }
        type Crew { captain: Captain @shareable size: Int }
        type Captain { rank: Int name: String @shareable }`,
      resolvers: { Ship: found([{ id: 'x', crew: { size: 4, captain: { rank: 3, name: 'Ann' } } }], 'id') },
    },
    pay: {
      sdl: `
        type Ship @key(fields: "id") { id: ID! crew: Crew @shareable }
        type Crew { captain: Captain @shareable }
        type Captain { wage: Int }`,
      resolvers: { Ship: found([{ id: 'x', crew: { captain: { wage: 9 } } }], 'id') },
    },
  },
  cases: [
    {
      shows: 'three subgraphs meet in one nested object',
      query: '{ ship { crew { size captain { name rank wage } } } }',
      data: { ship: { crew: { size: 4, captain: { name: 'Ann', rank: 3, wage: 9 } } } },
    },
    {
      shows: 'what only the third has',
      query: '{ ship { crew { captain { wage } } } }',
      data: { ship: { crew: { captain: { wage: 9 } } } },
    },
  ],
};

const node: FederationScenario = {
  name: 'node',
  subgraphs: {
    ids: {
      sdl: `
        type Query { node(id: ID!): Node }
        interface Node { id: ID! }
        type Cat implements Node @key(fields: "id") { id: ID! }
        type Dog implements Node @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          node: (_: unknown, { id }: { id: string }) => ({ __typename: id.startsWith('c') ? 'Cat' : 'Dog', id }),
        },
      },
    },
    pets: {
      sdl: `
        interface Node { id: ID! }
        type Cat implements Node @key(fields: "id") { id: ID! name: String! age: Int }
        type Dog implements Node @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Cat: found([{ id: 'c1', name: 'Mia', age: 3 }], 'id'),
        Dog: found([{ id: 'd1', name: 'Rex' }], 'id'),
      },
    },
  },
  cases: [
    {
      shows: 'a global id leads to fields of another subgraph',
      query: '{ cat: node(id: "c1") { ... on Cat { name age } ... on Dog { name } id } }',
      data: { cat: { name: 'Mia', age: 3, id: 'c1' } },
    },
    {
      shows: 'the other type with the same response key',
      query:
        '{ a: node(id: "d1") { __typename ...P } b: node(id: "c1") { ...P } } fragment P on Node { ... on Dog { name } ... on Cat { name } }',
      data: { a: { __typename: 'Dog', name: 'Rex' }, b: { name: 'Mia' } },
    },
    {
      shows: 'nothing of it but the type',
      query: '{ node(id: "d1") { __typename } }',
      data: { node: { __typename: 'Dog' } },
    },
  ],
};

const coins = [
  { id: 'c1', serial: 'S1', mint: 'M1', name: 'Ducat' },
  { id: 'c2', serial: 'S2', mint: 'M2', name: 'Thaler' },
];

/** Every subgraph knows a coin by another key; only by way of the registry can each be reached. */
const keysMashup: FederationScenario = {
  name: 'keys mashup',
  subgraphs: {
    hoard: {
      sdl: `
        type Query { hoard: Hoard }
        type Hoard @key(fields: "id") { id: ID! coins: [Coin!]! }
        type Coin @key(fields: "serial", resolvable: false) { serial: ID! }`,
      resolvers: { Query: { hoard: () => ({ id: 'h', coins: coins.map(({ serial }) => ({ serial })) }) } },
    },
    registry: {
      sdl: `
        type Coin @key(fields: "id") @key(fields: "serial") @key(fields: "mint { code }") { id: ID! serial: ID! mint: Mint! @shareable }
        type Mint @key(fields: "code") { code: ID! }`,
      resolvers: {
        Coin: {
          __resolveReference: (reference: { id?: string; serial?: string; mint?: { code: string } }) => {
            const coin = coins.find(
              ({ id, serial, mint }) =>
                id === reference.id || serial === reference.serial || mint === reference.mint?.code,
            );
            return coin && { id: coin.id, serial: coin.serial, mint: { code: coin.mint } };
          },
        },
      },
    },
    names: {
      sdl: `type Coin @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Coin: found(
          coins.map(({ id, name }) => ({ id, name })),
          'id',
        ),
      },
    },
    mints: {
      sdl: `
        type Coin @key(fields: "mint { code }") @key(fields: "id serial") { mint: Mint! id: ID! serial: ID! weight: Int label: String }
        type Mint @key(fields: "code") { code: ID! town: String }`,
      resolvers: {
        Coin: {
          __resolveReference: (reference: { id?: string; serial?: string; mint?: { code: string } }) => {
            const coin = coins.find(({ id, mint }) => mint === reference.mint?.code || id === reference.id);
            // An id without its serial names nothing here.
            if (!coin || (reference.id !== undefined && reference.serial !== coin.serial)) return null;
            return { id: coin.id, serial: coin.serial, mint: { code: coin.mint }, weight: 5, label: 'gold' };
          },
        },
        Mint: { town: ({ code }: { code: string }) => (code === 'M1' ? 'Genoa' : 'Hall') },
      },
    },
  },
  cases: [
    {
      shows: 'from one key to another by way of the registry',
      query: '{ hoard { coins { name } } }',
      data: { hoard: { coins: [{ name: 'Ducat' }, { name: 'Thaler' }] } },
    },
    {
      shows: 'a nested key',
      query: '{ hoard { coins { serial weight mint { town code } } } }',
      data: {
        hoard: {
          coins: [
            { serial: 'S1', weight: 5, mint: { town: 'Genoa', code: 'M1' } },
            { serial: 'S2', weight: 5, mint: { town: 'Hall', code: 'M2' } },
          ],
        },
      },
    },
    {
      shows: 'all of them at once',
      query: '{ hoard { id coins { id name weight label mint { town } } } }',
      data: {
        hoard: {
          id: 'h',
          coins: [
            { id: 'c1', name: 'Ducat', weight: 5, label: 'gold', mint: { town: 'Genoa' } },
            { id: 'c2', name: 'Thaler', weight: 5, label: 'gold', mint: { town: 'Hall' } },
          ],
        },
      },
    },
  ],
};

const nullKeys: FederationScenario = {
  name: 'null keys',
  subgraphs: {
    shelves: {
      sdl: `type Query { books: [Book]! } type Book @key(fields: "isbn") { isbn: ID! }`,
      resolvers: { Query: { books: () => [{ isbn: '1' }, null, { isbn: '2' }, { isbn: '3' }] } },
    },
    index: {
      sdl: `type Book @key(fields: "isbn") @key(fields: "author { pen }") { isbn: ID! author: Author } type Author { pen: ID }`,
      resolvers: {
        Book: found(
          [
            { isbn: '1', author: { pen: 'poe' } },
            { isbn: '2', author: null },
            { isbn: '3', author: { pen: null } },
          ],
          'isbn',
        ),
      },
    },
    letters: {
      sdl: `type Book @key(fields: "author { pen }") { author: Author letters: Int } type Author { pen: ID }`,
      resolvers: { Book: { letters: ({ author }: { author: { pen: string | null } }) => author.pen?.length ?? null } },
    },
  },
  cases: [
    {
      shows: 'null entities in a list stay null',
      query: '{ books { isbn } }',
      data: { books: [{ isbn: '1' }, null, { isbn: '2' }, { isbn: '3' }] },
    },
    {
      shows: 'a nested object that is null',
      query: '{ books { author { pen } } }',
      data: { books: [{ author: { pen: 'poe' } }, null, { author: null }, { author: { pen: null } }] },
    },
    {
      shows: 'nobody is asked by a key that is null',
      query: '{ books { isbn letters } }',
      data: {
        books: [{ isbn: '1', letters: 3 }, null, { isbn: '2', letters: null }, { isbn: '3', letters: null }],
      },
    },
  ],
};

export const entityCalls: readonly FederationScenario[] = [
  simpleEntityCall,
  complexEntityCall,
  parentEntityCall,
  parentEntityCallComplex,
  node,
  keysMashup,
  nullKeys,
];
