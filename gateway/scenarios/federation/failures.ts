import { GraphQLError } from 'graphql';
import type { ServerResponse } from 'node:http';
import type { FederationScenario, ServedSubgraph } from './serve.ts';

const catalogue: ServedSubgraph = {
  sdl: `
    type Query { items: [Item!]! one: Item maybe: [Item] }
    type Item @key(fields: "id") { id: ID! label: String }`,
  resolvers: {
    Query: {
      items: () => ['1', '2'].map((id) => ({ id, label: `L${id}` })),
      one: () => ({ id: '1', label: 'L1' }),
      maybe: () => [{ id: '1' }, null, { id: '2' }],
    },
  },
};
const stock = `type Query { top: Int total: Int! } type Item @key(fields: "id") { id: ID! stock: Int must: Int! place: Place } type Place { row: Int! col: Int }`;
const withStock = (answer: (response: ServerResponse) => void): FederationScenario['subgraphs'] => ({
  catalogue,
  stock: { sdl: stock, answer },
});
const json =
  (status: number, body: unknown, type = 'application/json') =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));

const nullability: FederationScenario = {
  name: 'nulls and errors of entities',
  subgraphs: {
    catalogue,
    stock: {
      sdl: stock,
      resolvers: {
        Query: {
          top: () => {
            throw new GraphQLError('no top', { extensions: { code: 'NO_TOP' } });
          },
          total: () => {
            throw new GraphQLError('no total', { extensions: { code: 'NO_TOTAL' } });
          },
        },
        Item: {
          stock: ({ id }: { id: string }) => {
            if (id === '2') throw new GraphQLError('no stock', { extensions: { code: 'NO_STOCK' } });
            return 5;
          },
          must: ({ id }: { id: string }) => (id === '2' ? null : 1),
          place: ({ id }: { id: string }) => (id === '2' ? { col: 2 } : { row: 1, col: 1 }),
        },
      },
    },
  },
  cases: [
    {
      shows: 'an error of one entity in a list',
      query: '{ items { id stock } }',
      data: {
        items: [
          { id: '1', stock: 5 },
          { id: '2', stock: null },
        ],
      },
      errors: ['NO_STOCK at items.1.stock'],
    },
    {
      shows: 'under an alias',
      query: '{ items { n: stock } }',
      data: { items: [{ n: 5 }, { n: null }] },
      errors: ['NO_STOCK at items.1.n'],
    },
    {
      shows: 'a null that must not be takes its list along',
      query: '{ items { id must } top }',
      data: null,
      errors: ['INTERNAL_SERVER_ERROR at items.1.must', 'NO_TOP at top'],
    },
    {
      shows: 'and stops at what may be null',
      query: '{ maybe { id must } }',
      data: { maybe: [{ id: '1', must: 1 }, null, null] },
      errors: ['INTERNAL_SERVER_ERROR at maybe.2.must'],
    },
    {
      shows: 'inside an object',
      query: '{ items { place { row } } }',
      data: { items: [{ place: { row: 1 } }, { place: null }] },
      errors: ['INTERNAL_SERVER_ERROR at items.1.place.row'],
    },
    {
      shows: 'a root field that may be null',
      query: '{ top one { label } }',
      data: { top: null, one: { label: 'L1' } },
      errors: ['NO_TOP at top'],
    },
    {
      shows: 'a root field that must not',
      query: '{ total one { label } }',
      data: null,
      errors: ['NO_TOTAL at total'],
    },
    {
      shows: 'an error of the same entity at each of its places',
      query: '{ a: maybe { stock } b: items { stock } }',
      data: { a: [{ stock: 5 }, null, { stock: null }], b: [{ stock: 5 }, { stock: null }] },
      errors: ['NO_STOCK at a.2.stock', 'NO_STOCK at b.1.stock'],
    },
  ],
};

const gone = ['SUBGRAPH_UNAVAILABLE at items.0.stock', 'SUBGRAPH_UNAVAILABLE at items.1.stock'];
const empty = {
  items: [
    { label: 'L1', stock: null },
    { label: 'L2', stock: null },
  ],
};
const query = '{ items { label stock } }';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const text =
  (body: string) =>
  (response: ServerResponse): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body);
const deeper: FederationScenario = {
  name: 'JSON that nests deeper than it can be written',
  subgraphs: {
    wells: {
      sdl: `scalar JSON type Query { well: Well count: Int } type Well @key(fields: "id") { id: ID! log: JSON other: Int }`,
      answer: text(
        `{"data":{"well":{"__typename":"Well","id":"1","log":${nested(100_000)},"other":1},"count":null},"errors":[{"message":"odd","path":["count"],"extensions":{"code":"ODD","log":${nested(100_000)}}}]}`,
      ),
    },
    depths: {
      sdl: `scalar JSON type Well @key(fields: "id") { id: ID! log: JSON @external depth: Int @requires(fields: "log") rope: JSON }`,
      answer: text(`{"data":{"_entities":[{"depth":1,"rope":${nested(1_000)}}]}}`),
    },
  },
  cases: [
    {
      shows: 'is an error of its field, and nothing beside it is lost',
      query: '{ well { log other } }',
      data: { well: { log: null, other: 1 } },
      errors: ['INVALID_SUBGRAPH_DATA at well.log', 'ODD at count'],
    },
    {
      shows: 'is an error of fields that require it',
      query: '{ well { other depth } }',
      data: { well: { other: 1, depth: null } },
      errors: ['INVALID_SUBGRAPH_DATA at well.depth', 'ODD at count'],
    },
    {
      shows: 'a thousand levels are passed on',
      query: '{ well { rope } }',
      data: { well: { rope: JSON.parse(nested(1_000)) as unknown } },
      errors: ['ODD at count'],
    },
  ],
};

export const failures: readonly FederationScenario[] = [
  nullability,
  deeper,
  {
    name: 'a subgraph that answers 500 with HTML',
    subgraphs: withStock(
      (response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>500</h1>'),
    ),
    cases: [
      { shows: 'its own fields are empty', query, data: empty, errors: gone },
      {
        shows: 'its own root fields, too',
        query: '{ top one { label } }',
        data: { top: null, one: { label: 'L1' } },
        errors: ['SUBGRAPH_UNAVAILABLE at top'],
      },
      {
        shows: 'under names that every object has, too',
        query: '{ toString: top items { constructor: stock } }',
        data: { toString: null, items: [{ constructor: null }, { constructor: null }] },
        errors: [
          'SUBGRAPH_UNAVAILABLE at toString',
          ...[0, 1].map((index) => `SUBGRAPH_UNAVAILABLE at items.${index}.constructor`),
        ],
      },
      {
        shows: 'what must not be null takes the answer, whatever it is called',
        query: '{ one { id } valueOf: total }',
        data: null,
        errors: ['SUBGRAPH_UNAVAILABLE at valueOf'],
      },
      {
        shows: 'what must not be null takes the answer',
        query: '{ total items { id } }',
        data: null,
        errors: ['SUBGRAPH_UNAVAILABLE at total'],
      },
    ],
  },
  {
    name: 'a subgraph that answers 200 without JSON',
    subgraphs: withStock((response) => void response.end('OK')),
    cases: [{ shows: 'its own fields are empty', query, data: empty, errors: gone }],
  },
  {
    name: 'a subgraph that hangs up',
    subgraphs: withStock((response) => void response.destroy()),
    cases: [{ shows: 'its own fields are empty', query, data: empty, errors: gone }],
  },
  {
    name: 'a subgraph that answers 400 with errors of GraphQL',
    subgraphs: withStock(
      json(400, { errors: [{ message: 'bad', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }),
    ),
    cases: [
      {
        shows: 'they are told at its fields',
        query,
        data: empty,
        errors: gone.map((error) => error.replace('SUBGRAPH_UNAVAILABLE', 'GRAPHQL_VALIDATION_FAILED')),
      },
    ],
  },
  {
    name: 'a subgraph that answers 503 with data and errors',
    subgraphs: withStock(
      json(
        503,
        { data: { _entities: [{ stock: 1 }, null] }, errors: [{ message: 'half', path: ['_entities', 1] }] },
        'application/graphql-response+json',
      ),
    ),
    cases: [
      {
        shows: 'the data that there is counts',
        query,
        data: {
          items: [
            { label: 'L1', stock: 1 },
            { label: 'L2', stock: null },
          ],
        },
        errors: ['SUBGRAPH_ERROR at items.1.stock'],
      },
    ],
  },
  {
    name: 'a subgraph whose data is null',
    subgraphs: withStock(json(200, { data: null, errors: [{ message: 'nothing' }] })),
    cases: [
      {
        shows: 'its error is told at its fields',
        query,
        data: empty,
        errors: gone.map((error) => error.replace('UNAVAILABLE', 'ERROR')),
      },
    ],
  },
  {
    name: 'a subgraph whose data is null without a reason',
    subgraphs: withStock(json(200, { data: null })),
    cases: [
      {
        shows: 'that is an error at its fields',
        query,
        data: empty,
        errors: gone.map((error) => error.replace('SUBGRAPH_UNAVAILABLE', 'INVALID_SUBGRAPH_DATA')),
      },
      {
        shows: 'that is an error at the field of a root type, under its alias',
        query: '{ t: top one { label } }',
        data: { t: null, one: { label: 'L1' } },
        errors: ['INVALID_SUBGRAPH_DATA at t'],
      },
      {
        shows: 'and once where it must not be null',
        query: '{ total }',
        data: null,
        errors: ['INVALID_SUBGRAPH_DATA at total'],
      },
    ],
  },
  {
    name: 'a subgraph that leaves out what it was asked for',
    subgraphs: withStock(json(200, { data: { top: 1 } })),
    cases: [
      {
        shows: 'that is an error at its field',
        query: '{ top more: top }',
        data: { top: 1, more: null },
        errors: ['INVALID_SUBGRAPH_DATA at more'],
      },
      {
        shows: 'what the client left out is none',
        query: 'query ($no: Boolean!) { top more: top @include(if: $no) ... @include(if: $no) { another: top } }',
        variables: { no: false },
        data: { top: 1 },
      },
    ],
  },
  {
    name: 'a subgraph that answers too few entities',
    subgraphs: withStock(json(200, { data: { _entities: [{ stock: 3 }] } })),
    cases: [
      {
        shows: 'the rest is null and told at its places',
        query,
        data: {
          items: [
            { label: 'L1', stock: 3 },
            { label: 'L2', stock: null },
          ],
        },
        errors: ['INVALID_SUBGRAPH_DATA at items.1.stock'],
      },
    ],
  },
  {
    name: 'a subgraph whose errors are strange',
    subgraphs: withStock(
      json(200, {
        data: { _entities: [{ stock: 3 }, { stock: 4 }] },
        errors: [{}, null, 'text', { message: 5, path: 'x' }, { message: 'odd', path: ['_entities', 99, 'stock'] }],
      }),
    ),
    cases: [
      {
        shows: 'the data comes through',
        query,
        data: {
          items: [
            { label: 'L1', stock: 3 },
            { label: 'L2', stock: 4 },
          ],
        },
        errors: [
          'SUBGRAPH_ERROR',
          ...[1, 2, 3, 4].flatMap(() => gone.map((error) => error.replace('UNAVAILABLE', 'ERROR'))),
        ],
      },
    ],
  },
  {
    name: 'a subgraph whose answer is of other shapes',
    subgraphs: withStock(json(200, { data: { _entities: { stock: 3 }, top: [1], total: { x: 1 } } })),
    cases: [
      {
        shows: 'entities that are no list',
        query,
        data: empty,
        errors: gone.map((error) => error.replace('SUBGRAPH_UNAVAILABLE', 'INVALID_SUBGRAPH_DATA')),
      },
      {
        shows: 'and that must not be null, once at each place',
        query: '{ maybe { must } }',
        data: { maybe: [null, null, null] },
        errors: ['INVALID_SUBGRAPH_DATA at maybe.0.must', 'INVALID_SUBGRAPH_DATA at maybe.2.must'],
      },
      {
        shows: 'a list that should be a number',
        query: '{ top one { label } }',
        data: { top: null, one: { label: 'L1' } },
        errors: ['INVALID_SUBGRAPH_DATA at top'],
      },
      {
        shows: 'an object that should be a number and must not be null',
        query: '{ total }',
        data: null,
        errors: ['INVALID_SUBGRAPH_DATA at total'],
      },
    ],
  },
  {
    name: 'a subgraph whose entities are of other shapes',
    subgraphs: withStock(json(200, { data: { _entities: [{ stock: { x: 1 }, place: 7 }, { place: [{ row: 1 }] }] } })),
    cases: [
      {
        shows: 'each is told at its place',
        query: '{ items { stock place { row } } }',
        data: {
          items: [
            { stock: null, place: null },
            { stock: null, place: null },
          ],
        },
        errors: [
          'INVALID_SUBGRAPH_DATA at items.0.place',
          'INVALID_SUBGRAPH_DATA at items.0.stock',
          'INVALID_SUBGRAPH_DATA at items.1.place',
        ],
      },
    ],
  },
  {
    name: 'a subgraph that answers a list of JSON',
    subgraphs: withStock(json(200, [{ data: {} }])),
    cases: [{ shows: 'is an outage', query, data: empty, errors: gone }],
  },
];
