import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { composeServices } from '@theguild/federation-composition';
import { graphql, GraphQLError, parse, subscribe } from 'graphql';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { pino } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import type { Gateway } from '../gateway.ts';
import { createStandaloneGateway } from '../standalone.ts';

// Goal: a subscription of somebody's subgraph, over whichever protocol that speaks, comes to clients over both of ours with what other subgraphs know of
// each event; and every way in which it can fail ends in an error that says so.
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n`;
const itemsSdl = `${link}
  type Query { items: [Item!]! }
  type Subscription { added(after: Int = 0): Item never: Item }
  type Item @key(fields: "id") { id: ID! label: String fragile: String }`;
const stockSdl = `${link} type Item @key(fields: "id") { id: ID! stock: Int }`;

/** What the subgraph tells to whoever subscribes; how many do. */
let tell: (id: string) => void = () => {};
let finish: () => void = () => {};
let watching = 0;
let subscribedWith: unknown;

function events(args: unknown): AsyncIterableIterator<{ added: { id: string } }> {
  const queue: string[] = [];
  let isOver = false;
  let wake = (): void => {};
  tell = (id) => {
    queue.push(id);
    wake();
  };
  const over = (): void => {
    isOver = true;
    wake();
  };
  finish = over;
  subscribedWith = args;
  watching += 1;
  let isWatched = true;
  const end = (): { done: true; value: undefined } => {
    if (isWatched) watching -= 1;
    isWatched = false;
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (queue.length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
      const id = queue.shift();
      return id === undefined ? end() : { done: false, value: { added: { id } } };
    },
    async return() {
      over();
      return end();
    },
  };
}

const items: GraphQLSchema = buildSubgraphSchema([
  {
    typeDefs: parse(itemsSdl),
    resolvers: {
      Subscription: {
        added: { subscribe: (_: unknown, args: unknown) => events(args) },
        never: {
          subscribe: () => {
            throw new GraphQLError('not today', { extensions: { code: 'CLOSED', stacktrace: ['at secret.ts'] } });
          },
        },
      },
      Item: {
        label: ({ id }: { id: string }) => `L${id}`,
        fragile: () => {
          throw new GraphQLError('broken', { extensions: { code: 'BROKEN' } });
        },
      },
    } as never,
  },
]);
const stock: GraphQLSchema = buildSubgraphSchema([
  {
    typeDefs: parse(stockSdl),
    resolvers: {
      Item: {
        __resolveReference: (reference: { id: string }) => reference,
        stock: ({ id }: { id: string }) => {
          if (id === '13') throw new GraphQLError('no stock', { extensions: { code: 'NO_STOCK' } });
          return Number(id) * 10;
        },
      },
    } as never,
  },
]);

/** How the subgraph `items` offers its subscriptions. */
type Protocol = 'graphql-transport-ws' | 'graphql-ws, the older' | 'graphql-sse';

const sockets = new Set<Socket>();
async function serve(protocol: Protocol | null, schema: GraphQLSchema): Promise<{ server: Server; url: string }> {
  const sse = createHandler({ schema });
  const server = createServer((request, response) => {
    if (protocol === 'graphql-sse' && request.headers.accept === 'text/event-stream')
      return void sse(request, response);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    void json(request).then(async (body) => {
      const { query, variables } = body as { query: string; variables: Record<string, unknown> };
      const result = await graphql({ schema, source: query, variableValues: variables });
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  if (protocol === 'graphql-transport-ws') useServer({ schema }, new WebSocketServer({ server }));
  if (protocol === 'graphql-ws, the older') serveOlder(server, schema);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

/** The protocol of subscriptions-transport-ws, as far as servers have to speak it. */
function serveOlder(server: Server, schema: GraphQLSchema): void {
  new WebSocketServer({ server, handleProtocols: (asked) => (asked.has('graphql-ws') ? 'graphql-ws' : false) }).on(
    'connection',
    (socket) => {
      let running: AsyncIterator<ExecutionResult> | undefined;
      const send = (message: object): void => socket.send(JSON.stringify(message));
      socket.on('close', () => void running?.return?.());
      socket.on('message', (text: Buffer) => {
        const { type, id, payload } = JSON.parse(text.toString('utf8')) as {
          type: string;
          id: string;
          payload: { query: string; variables: Record<string, unknown> };
        };
        if (type === 'connection_init') {
          send({ type: 'connection_ack' });
          send({ type: 'ka' });
        } else if (type === 'stop') void running?.return?.();
        else if (type === 'start')
          void (async () => {
            const started = await subscribe({
              schema,
              document: parse(payload.query),
              variableValues: payload.variables,
            });
            if (!('next' in started)) return send({ type: 'error', id, payload: started.errors?.[0] });
            running = started;
            for await (const result of started) send({ type: 'data', id, payload: result });
            send({ type: 'complete', id });
          })();
      });
    },
  );
}

function supergraph(urls: { items: string; stock: string }): string {
  const result = composeServices([
    { name: 'items', url: urls.items, typeDefs: parse(itemsSdl) },
    { name: 'stock', url: urls.stock, typeDefs: parse(stockSdl) },
  ]);
  if (result.supergraphSdl === undefined) throw new Error(result.errors.map(String).join('\n'));
  return result.supergraphSdl;
}

interface Watching {
  /** What came, and how it ended. */
  readonly results: unknown[];
  readonly ended: Promise<unknown>;
  readonly leave: () => void;
}

/** Throws once it takes longer than anything here should, so that a test that fails does not wait for ever. */
async function eventually(isTrue: () => boolean): Promise<void> {
  const untilMs = performance.now() + 25_000;
  while (!isTrue()) {
    if (performance.now() > untilMs) throw new Error(`it is still not so: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe.each<Protocol>(['graphql-transport-ws', 'graphql-ws, the older', 'graphql-sse'])('from %s', (protocol) => {
  const servers: Server[] = [];
  const clients: (() => unknown)[] = [];
  let gateway: Gateway;
  let url: string;
  beforeAll(async () => {
    const [itemsServer, stockServer] = await Promise.all([serve(protocol, items), serve(null, stock)]);
    servers.push(itemsServer.server, stockServer.server);
    gateway = createStandaloneGateway({
      port: 0,
      host: '127.0.0.1',
      supergraph: supergraph({ items: itemsServer.url, stock: stockServer.url }),
      logger: pino({ level: 'silent' }),
    });
    await gateway.start();
    url = gateway.address?.url ?? '';
  });
  afterEach(async () => {
    for (const close of clients.splice(0)) await close();
    await eventually(() => watching === 0);
  });
  afterAll(async () => {
    await gateway.stop();
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  type Client = 'WebSocket' | 'SSE';
  function watch(client: Client, query: string, extensions?: Record<string, unknown>): Watching {
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    const results: unknown[] = [];
    const sink = {
      next: (result: unknown) => void results.push(result),
      error: resolve,
      complete: () => resolve('complete'),
    };
    const payload = { query, ...(extensions ? { extensions } : {}) };
    if (client === 'SSE') {
      const sse = createSseClient({ url, retryAttempts: 0 });
      clients.push(() => sse.dispose());
      return { results, ended, leave: sse.subscribe(payload, sink) };
    }
    const ws = createWebSocketClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    clients.push(() => ws.dispose());
    return { results, ended, leave: ws.subscribe(payload, sink) };
  }

  test.each<Client>(['WebSocket', 'SSE'])(
    'events come over %s with what other subgraphs know of them',
    async (client) => {
      const { results, ended } = watch(client, 'subscription { new: added(after: 7) { label stock } }');
      await eventually(() => watching === 1);
      expect(subscribedWith).toEqual({ after: 7 });
      for (const id of ['1', '2', '3']) tell(id);
      finish();
      expect(await ended).toBe('complete');
      expect(results).toEqual(
        ['1', '2', '3'].map((id) => ({ data: { new: { label: `L${id}`, stock: Number(id) * 10 } } })),
      );
    },
  );

  test('what fails of one event is told with it, and the next ones come', async () => {
    const { results } = watch('WebSocket', 'subscription { added { id stock fragile } }');
    await eventually(() => watching === 1);
    tell('13');
    tell('14');
    await eventually(() => results.length === 2);
    const broken = { message: 'broken', path: ['added', 'fragile'], extensions: { code: 'BROKEN', subgraph: 'items' } };
    expect(results).toEqual([
      {
        errors: [
          broken,
          { message: 'no stock', path: ['added', 'stock'], extensions: { code: 'NO_STOCK', subgraph: 'stock' } },
        ],
        data: { added: { id: '13', stock: null, fragile: null } },
      },
      { errors: [broken], data: { added: { id: '14', stock: 140, fragile: null } } },
    ]);
  });

  test('who asks the same shares one subscription, which ends with the last of them', async () => {
    const query = 'subscription { added { id } }';
    const first = watch('WebSocket', query);
    await eventually(() => watching === 1);
    const second = watch('SSE', query);
    const other = watch('WebSocket', 'subscription { added(after: 1) { id } }');
    await eventually(() => watching === 2);
    other.leave();
    await eventually(() => watching === 1);
    first.leave();
    second.leave();
    await eventually(() => watching === 0);
  });

  test('a refusal of the subgraph is told without its insides', async () => {
    const { results, ended } = watch('WebSocket', 'subscription { never { id } }');
    await ended;
    const refusal = {
      errors: [{ message: 'not today', path: ['never'], extensions: { code: 'CLOSED', subgraph: 'items' } }],
    };
    // The older protocol has a message for errors alone.
    expect(results).toEqual([protocol === 'graphql-ws, the older' ? refusal : { ...refusal, data: { never: null } }]);
  });

  test('nothing can be resumed', async () => {
    const { ended } = watch('WebSocket', 'subscription { added { id } }', { resume: 'x' });
    expect(await ended).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
  });

  test('a subgraph that goes away ends the subscription with an error, and is subscribed at again', async () => {
    const query = 'subscription { added { id } }';
    const { results, ended } = watch('WebSocket', query);
    await eventually(() => watching === 1);
    tell('1');
    await eventually(() => results.length === 1);
    servers[0]?.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    expect(await ended).toBe('complete');
    expect(results[1]).toEqual({
      errors: [
        {
          message: 'the subgraph items ended the connection',
          path: ['added'],
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'items' },
        },
      ],
    });
    await eventually(() => watching === 0);
    const again = watch('WebSocket', query);
    await eventually(() => watching === 1);
    tell('2');
    await eventually(() => again.results.length === 1);
  });
});

test('a subgraph that is not there, or offers no subscriptions, is told at once', async () => {
  const plain = await serve(null, items);
  for (const subgraph of ['http://127.0.0.1:1/graphql', plain.url]) {
    const gateway = createStandaloneGateway({
      port: 0,
      host: '127.0.0.1',
      supergraph: supergraph({ items: subgraph, stock: plain.url }),
      logger: pino({ level: 'silent' }),
    });
    await gateway.start();
    const response = await fetch(gateway.address?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { added { id } }' }),
    });
    const text = await response.text();
    expect(text).toMatch(/SUBGRAPH_UNAVAILABLE|Subscription/);
    expect(text).not.toContain('127.0.0.1');
    await gateway.stop();
  }
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => plain.server.close(resolve));
});
