import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { composeScenario } from '../scenarios/harness.ts';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: what a client defers comes after the rest, at its place and with its own errors, as Apollo Client takes it; what may not be asked is
// not asked for being deferred; who takes no parts gets one whole answer.
let release: () => void;
let released: Promise<void>;
const subgraphs = {
  books: {
    sdl: `
      type Query { book: Book books: [Book] }
      type Mutation { write(title: String!): Book }
      type Book @key(fields: "id") { id: ID! title: String price: Int! }`,
    resolvers: {
      Query: { book: () => ({ id: '1' }), books: () => [{ id: '1' }, null, { id: '2' }] },
      Mutation: { write: () => ({ id: '3' }) },
      Book: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        title: ({ id }: { id: string }) => `title ${id}`,
        price: () => 5,
      },
    },
  },
  critics: {
    sdl: `
      type Book @key(fields: "id") { id: ID! rating: Int critics: [Critic!] pages: Int! secret: String @authenticated }
      type Critic @key(fields: "id") { id: ID! name: String }`,
    resolvers: {
      Book: {
        __resolveReference: ({ id }: { id: string }) => released.then(() => ({ id })),
        rating: ({ id }: { id: string }) => {
          if (id === '2') throw new Error('no rating');
          return Number(id);
        },
        critics: () => [{ id: 'a' }],
        pages: () => null,
        secret: () => 'secret',
      },
      Critic: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        name: ({ id }: { id: string }) => `critic ${id}`,
      },
    },
  },
};

const scenario = composeScenario(subgraphs);
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({
    supergraph: scenario.supergraphSdl,
    transports: scenario.transports,
    live: undefined,
  });
});
beforeEach(() => {
  released = new Promise((resolve) => (release = resolve));
});
afterAll(() => platform.stop());

const accept = 'multipart/mixed;deferSpec=20220824, application/json';
async function parts(
  query: string,
  variables = {},
): Promise<{ readonly type: string | null; readonly payloads: unknown[] }> {
  release();
  const response = await platform.post({ query, variables }, { accept });
  const [, ...chunks] = (await response.text()).split('\r\n---');
  const payloads = chunks
    .filter((chunk) => chunk !== '--\r\n')
    .map((chunk): unknown => JSON.parse(chunk.slice(chunk.indexOf('\r\n\r\n') + 4)));
  return { type: response.headers.get('content-type'), payloads };
}

test('Apollo Client shows the rest before the deferred part is there', async () => {
  const client = new ApolloClient({
    link: new HttpLink({ uri: platform.url }),
    cache: new InMemoryCache(),
    incrementalHandler: new Defer20220824Handler(),
  });
  const query = gql('query Book { book { id title ... @defer { rating critics { id name } } } }');
  const seen: unknown[] = [];
  const done = new Promise<void>((resolve, reject) => {
    client.watchQuery({ query }).subscribe({
      next: ({ data, dataState }) => {
        if (data === undefined) return;
        seen.push([dataState, JSON.parse(JSON.stringify(data))]);
        if (dataState === 'complete') resolve();
        else release();
      },
      error: reject,
    });
  });
  await done;
  const book = { __typename: 'Book', id: '1', title: 'title 1' };
  expect(seen[0]).toEqual(['streaming', { book }]);
  const critics = [{ __typename: 'Critic', id: 'a', name: 'critic a' }];
  expect(seen.at(-1)).toEqual(['complete', { book: { ...book, rating: 1, critics } }]);
  client.stop();
});

describe('in parts', () => {
  test('at each place of a list, with labels, and each error in the part that it is about', async () => {
    const { type, payloads } = await parts(
      '{ books { id ...Rated @defer(label: "later") } } fragment Rated on Book { rating }',
    );
    expect(type).toBe('multipart/mixed; boundary="-"; deferSpec=20220824');
    expect(payloads).toEqual([
      { data: { books: [{ id: '1' }, null, { id: '2' }] }, hasNext: true },
      {
        incremental: [
          { data: { rating: 1 }, path: ['books', 0], label: 'later' },
          {
            data: { rating: null },
            path: ['books', 2],
            label: 'later',
            errors: [expect.objectContaining({ path: ['books', 2, 'rating'] })],
          },
        ],
        hasNext: false,
      },
    ]);
  });

  test('parts in parts; a null that may not be ends its own part', async () => {
    const { payloads } = await parts(
      '{ book { id ... @defer(label: "a") { rating ... @defer(label: "b") { title } } ... @defer(label: "c") { pages } } }',
    );
    expect(payloads[0]).toEqual({ data: { book: { id: '1' } }, hasNext: true });
    const told = payloads.slice(1).flatMap((payload) => (payload as { incremental: { label: string }[] }).incremental);
    expect(told.toSorted((a, b) => (a.label < b.label ? -1 : 1))).toEqual([
      { data: { rating: 1 }, path: ['book'], label: 'a' },
      { data: { title: 'title 1' }, path: ['book'], label: 'b' },
      { data: null, path: ['book'], label: 'c', errors: [expect.objectContaining({ path: ['book', 'pages'] })] },
    ]);
    expect(told.findIndex(({ label }) => label === 'a')).toBeLessThan(told.findIndex(({ label }) => label === 'b'));
    expect(payloads.at(-1)).toHaveProperty('hasNext', false);
  });

  test('below a mutation', async () => {
    const { payloads } = await parts('mutation { write(title: "x") { id ... @defer { rating } } }');
    expect(payloads).toEqual([
      { data: { write: { id: '3' } }, hasNext: true },
      { incremental: [{ data: { rating: 3 }, path: ['write'] }], hasNext: false },
    ]);
  });

  test('what the caller may not read is not asked for later either', async () => {
    const before = scenario.calls.length;
    const { payloads } = await parts('{ book { id ... @defer { secret } } }');
    expect(payloads[1]).toEqual({
      incremental: [
        {
          data: { secret: null },
          path: ['book'],
          errors: [expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' }, path: ['book', 'secret'] })],
        },
      ],
      hasNext: false,
    });
    expect(scenario.calls.slice(before).map(({ subgraph }) => subgraph)).not.toContain('critics');
  });
});

describe('in one piece', () => {
  const query = 'query ($later: Boolean!) { book { id ... @defer(if: $later) { rating } } }';
  const whole = { data: { book: { id: '1', rating: 1 } } };
  test('where the client or its variable says so', async () => {
    release();
    const response = await platform.post({ query, variables: { later: true } }, { accept: 'application/json' });
    expect(await response.json()).toEqual(whole);
    const off = await platform.post({ query, variables: { later: false } }, { accept });
    expect(off.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await off.json()).toEqual(whole);
    expect((await parts(query, { later: true })).payloads).toHaveLength(2);
  });

  test('over a WebSocket', async () => {
    release();
    const client = createClient({ url: platform.webSocketUrl, webSocketImpl: WebSocket, lazy: true });
    const results: unknown[] = [];
    for await (const result of client.iterate({ query, variables: { later: true } })) results.push(result);
    expect(results).toEqual([whole]);
    await client.dispose();
  });
});

test.each([
  [
    '@defer cannot be used on Mutation',
    'mutation { ... @defer { write(title: "x") { id } } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'occurs twice',
    '{ book { ... @defer(label: "a") { id } ... @defer(label: "a") { title } } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['must be a text', 'query ($l: String) { book { ... @defer(label: $l) { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['@stream is not offered', '{ books @stream { id } }', 'INCREMENTAL_DELIVERY_UNSUPPORTED'],
  ['levels', `{ book { ... @defer { ${'b { '.repeat(1000)}id${' }'.repeat(1000)} } } }`, 'DEPTH_LIMIT'],
  [
    '21',
    `{ book { id } ... @defer { ${Array.from({ length: 20 }, (_, n) => `b${n}: book { id }`).join(' ')} } }`,
    'ROOT_FIELD_LIMIT',
  ],
])('refused before anybody is asked: %s', async (message, query, code) => {
  const before = scenario.calls.length;
  const response = await platform.post({ query }, { accept: `${accept}, application/graphql-response+json` });
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  expect(response.status).toBe(400);
  expect(errors[0]).toMatchObject({ message: expect.stringContaining(message), extensions: { code } });
  expect(scenario.calls).toHaveLength(before);
});

test('clients learn of it by introspection', async () => {
  const response = await platform.post({ query: '{ __schema { directives { name args { name } } } }' });
  const { data } = (await response.json()) as { data: { __schema: { directives: unknown[] } } };
  expect(data.__schema.directives).toContainEqual({ name: 'defer', args: [{ name: 'label' }, { name: 'if' }] });
});
