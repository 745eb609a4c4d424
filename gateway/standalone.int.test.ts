import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Gateway } from './gateway.ts';
import { composeScenario } from './scenarios/harness.ts';
import { Deadline } from './transports/deadline.ts';
import { createStandaloneGateway } from './standalone.ts';

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
const logger = pino({ level: 'silent' });
const servers: Server[] = [];
const subgraphUrls: Record<string, string> = {};
let gateway: Gateway;

beforeAll(async () => {
  for (const [name, transport] of Object.entries(scenario.transports)) {
    const server = createServer((request, response) => {
      void json(request).then(async (body) => {
        const { query, variables } = body as { query: string; variables: Record<string, unknown> };
        const auth = { claims: null, handshake: '' };
        const deadline = new Deadline(5_000);
        response.end(JSON.stringify(await transport.execute({ query, variables, auth, idempotent: true, deadline })));
        deadline.clear();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    subgraphUrls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
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

  const build = (change: { supergraph?: string; subgraphUrls?: Record<string, string> }) => () =>
    createStandaloneGateway({ port: 0, host: '127.0.0.1', supergraph: scenario.supergraphSdl, logger, ...change });
  test.each<[string, () => Gateway, RegExp]>([
    [
      'a subgraph that does not exist',
      build({ subgraphUrls: { none: 'http://x' } }),
      /--subgraph none: .* books, stars/,
    ],
    ['a URL that is none', build({ subgraphUrls: { books: 'nowhere' } }), /books has no usable URL \("nowhere"\)/],
    ['a schema that is not a supergraph', build({ supergraph: 'type Query { a: Int }' }), /no enum join__Graph/],
    ['something that is not SDL', build({ supergraph: 'type {' }), /not valid SDL/],
  ])('%s is refused with what is wrong', (_name, create, message) => {
    expect(create).toThrow(message);
  });
});
