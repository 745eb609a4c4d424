import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Gateway } from './gateway.ts';
import { composeScenario } from './scenarios/harness.ts';
import { Deadline } from './transports/deadline.ts';
import { type StandaloneOptions, createStandaloneGateway } from './standalone.ts';

// Goal: the gateway serves a supergraph that it knows nothing about, over HTTP, to anybody.
const scenario = composeScenario({
  books: {
    sdl: `type Query { books: [Book!]! } type Book @key(fields: "id") { id: ID! title: String }`,
    resolvers: {
      Query: {
        books: () => [
          { id: '1', title: 'One' },
          { id: '2', title: 'Two' },
        ],
      },
    },
  },
  stars: {
    sdl: `type Book @key(fields: "id") { id: ID! stars: Int }`,
    resolvers: { Book: { stars: ({ id }: { id: string }) => Number(id) } },
  },
});
const serveSubgraph = async (name: string, port = 0): Promise<Server> => {
  const server = createServer((request, response) => {
    void json(request).then(async (body) => {
      const { query, variables } = body as { query: string; variables: Record<string, unknown> };
      const auth = { claims: null, handshake: '' };
      const deadline = new Deadline(5_000);
      const transport = scenario.transports[name];
      response.end(JSON.stringify(await transport?.execute({ query, variables, auth, idempotent: true, deadline })));
      deadline.clear();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
};
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
const logger = pino({ level: 'silent' });
const servers: Server[] = [];
const subgraphUrls: Record<string, string> = {};
let gateway: Gateway;

beforeAll(async () => {
  for (const name of Object.keys(scenario.transports)) {
    const server = await serveSubgraph(name);
    servers.push(server);
    subgraphUrls[name] = `http://127.0.0.1:${portOf(server)}/`;
  }
  gateway = createStandaloneGateway({
    port: 0,
    host: '127.0.0.1',
    supergraph: scenario.supergraphSdl,
    subgraphUrls,
    logger,
  });
  await gateway.start();
});
afterAll(async () => {
  await gateway.stop();
  for (const server of servers) server.close();
});

describe('standalone', () => {
  test('joins subgraphs over HTTP without a token', async () => {
    const response = await fetch(gateway.address?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ books { title stars } }' }),
    });
    expect(await response.json()).toEqual({
      data: {
        books: [
          { title: 'One', stars: 1 },
          { title: 'Two', stars: 2 },
        ],
      },
    });
  });

  test('a subgraph that is down at the start takes its own fields only, and is back as soon as it answers', async () => {
    const before = await serveSubgraph('stars');
    const port = portOf(before);
    await closed(before);
    const stars = `http://127.0.0.1:${port}/`;
    const late = createStandaloneGateway({
      port: 0,
      host: '127.0.0.1',
      supergraph: scenario.supergraphSdl,
      subgraphUrls: { ...subgraphUrls, stars },
      logger,
    });
    await late.start();
    const ask = async (): Promise<unknown> => {
      const response = await fetch(late.address?.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ books { title stars } }' }),
      });
      return response.json();
    };
    expect(await ask()).toMatchObject({
      data: {
        books: [
          { title: 'One', stars: null },
          { title: 'Two', stars: null },
        ],
      },
      errors: [0, 1].map((index) => ({
        path: ['books', index, 'stars'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
      })),
    });
    const after = await serveSubgraph('stars', port);
    try {
      const full = {
        data: {
          books: [
            { title: 'One', stars: 1 },
            { title: 'Two', stars: 2 },
          ],
        },
      };
      let answer = await ask();
      // Whoever guards the subgraph may wait a little before it tries again.
      for (let round = 0; round < 200 && JSON.stringify(answer) !== JSON.stringify(full); round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        answer = await ask();
      }
      expect(answer).toEqual(full);
    } finally {
      await late.stop();
      await closed(after);
    }
  });

  const build = (change: Partial<StandaloneOptions>) => () =>
    createStandaloneGateway({ port: 0, host: '127.0.0.1', supergraph: scenario.supergraphSdl, logger, ...change });
  test.each<[string, () => Gateway, RegExp]>([
    [
      'a subgraph that does not exist',
      build({ subgraphUrls: { none: 'http://x' } }),
      /--subgraph none: .* books, stars/,
    ],
    [
      'a time for a subgraph that does not exist',
      build({ subgraphTimeouts: { all: 1, of: { none: 1 } } }),
      /SUBGRAPH_TIMEOUTS none: .* books, stars/,
    ],
    ['a URL that is none', build({ subgraphUrls: { books: 'nowhere' } }), /books has no usable URL \("nowhere"\)/],
    ['a schema that is not a supergraph', build({ supergraph: 'type Query { a: Int }' }), /no enum join__Graph/],
    ['something that is not SDL', build({ supergraph: 'type {' }), /not valid SDL/],
  ])('%s is refused with what is wrong', (_name, create, message) => {
    expect(create).toThrow(message);
  });
});
