import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { AuthenticationError, GraphQLRequestError, SlowReaderError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import { CanonFeedDocument } from './generated/operations.ts';

interface Message {
  readonly type: string;
  readonly id: string;
  readonly payload: { readonly authToken?: string; readonly extensions?: unknown };
}
/** What the server does with a message of a connection's client; the connections are counted from 0. */
type Script = (message: Message, socket: WebSocket, connection: number) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(
  script: Script,
  options: Partial<ClientOptions> = {},
  port = 0,
): Promise<{ client: Client; port: number; stop: () => void }> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', (socket) => {
    const connection = connections++;
    socket.on('message', (data: Buffer) => script(JSON.parse(data.toString()) as Message, socket, connection));
  });
  const stop = (): void => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  const at = (server.address() as AddressInfo).port;
  const client = createClient({
    url: `http://127.0.0.1:${at}`,
    webSocket: WebSocket,
    retry: { baseMs: 2, delayMsMax: 20 },
    ...options,
  });
  closers.push(() => client.close(), stop);
  return { client, port: at, stop };
}

const say = (socket: WebSocket, message: unknown): void => socket.send(JSON.stringify(message));
const acknowledge = (socket: WebSocket): void => say(socket, { type: 'connection_ack' });
const event = (socket: WebSocket, { id }: Message, n: number, extensions?: unknown): void =>
  say(socket, {
    type: 'next',
    id,
    payload: { data: { canonChanged: { id: String(n) } }, ...(extensions ? { extensions } : {}) },
  });
/** Each connection gives the event of its number and then breaks. */
const flighty =
  (seen: unknown[], extensionsOf: (connection: number) => unknown): Script =>
  (message, socket, connection) => {
    if (message.type === 'connection_init') acknowledge(socket);
    if (message.type !== 'subscribe') return;
    seen.push(message.payload.extensions);
    event(socket, message, connection, extensionsOf(connection));
    setTimeout(() => socket.terminate(), 5);
  };

/** Reads this many events and leaves. */
async function take(
  client: Client,
  count: number,
  options?: Parameters<Client['watch']>[2],
): Promise<readonly string[]> {
  const ids: string[] = [];
  const missed = options?.missed;
  for await (const { canonChanged } of client.subscribe(CanonFeedDocument, {}, missed ? { missed } : {})) {
    ids.push(canonChanged.id);
    if (ids.length === count) break;
  }
  return ids;
}

// Goal: a subscription outlives every connection that carries it, and ends only for a reason that waiting cannot mend.
describe('subscriptions', () => {
  test('each reconnect goes on after the last event that came', async () => {
    const resumed: unknown[] = [];
    const { client } = await serve(flighty(resumed, (n) => ({ cursor: `c${n}` })));
    expect(await take(client, 4)).toEqual(['0', '1', '2', '3']);
    expect(resumed).toEqual([undefined, { resume: 'c0' }, { resume: 'c1' }, { resume: 'c2' }]);
  });

  test('a server that gives no cursors is followed from now on', async () => {
    const resumed: unknown[] = [];
    const { client } = await serve(flighty(resumed, () => undefined));
    expect(await take(client, 3)).toEqual(['0', '1', '2']);
    expect(resumed).toEqual([undefined, undefined, undefined]);
  });

  test('too late to resume, or too slow: it goes on, and says that events are missing', async () => {
    const missed: (number | null)[] = [];
    const { client } = await serve((message, socket, connection) => {
      if (message.type === 'connection_init') acknowledge(socket);
      if (message.type !== 'subscribe') return;
      if (message.payload.extensions)
        say(socket, {
          type: 'error',
          id: message.id,
          payload: [{ message: 'too old', extensions: { code: 'CURSOR_EXPIRED' } }],
        });
      else event(socket, message, connection, connection === 0 ? { cursor: 'c0' } : { lagged: 7 });
      if (connection === 0) setTimeout(() => socket.terminate(), 5);
    });
    expect(await take(client, 2, { next: () => {}, missed: (events) => missed.push(events) })).toEqual(['0', '1']);
    expect(missed).toEqual([null, 7]);
  });

  test('a server that is away for a while is found again', async () => {
    const first = await serve(flighty([], () => undefined));
    const states: string[] = [];
    let came = (): void => {};
    const arrived = new Promise<void>((resolve) => (came = resolve));
    const { stop } = first.client.watch(
      CanonFeedDocument,
      {},
      {
        next: ({ canonChanged }) => {
          states.push(canonChanged.id);
          if (states.includes('again')) came();
          else first.stop();
        },
        connected: () => states.push('connected'),
        disconnected: () => states.push('disconnected'),
      },
    );
    while (states.filter((state) => state === 'disconnected').length < 3)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await serve(
      (message, socket) => {
        if (message.type === 'connection_init') acknowledge(socket);
        if (message.type === 'subscribe')
          say(socket, { type: 'next', id: message.id, payload: { data: { canonChanged: { id: 'again' } } } });
      },
      {},
      first.port,
    );
    await arrived;
    stop();
    expect(states.slice(0, 3)).toEqual(['connected', '0', 'disconnected']);
    expect(states.slice(-2)).toEqual(['connected', 'again']);
  });
});

describe('the end of a subscription', () => {
  const strict: Script = (message, socket) => {
    if (message.type === 'connection_init') {
      if (message.payload.authToken === 'new') acknowledge(socket);
      else socket.close(4403, 'Forbidden: the token expired');
    } else if (message.type === 'subscribe') event(socket, message, 1);
  };

  test('a server that goes away is not connected to before the time that it gives', async () => {
    const connectedAt: number[] = [];
    const { client } = await serve((message, socket, connection) => {
      if (message.type === 'connection_init') acknowledge(socket);
      if (message.type !== 'subscribe') return;
      connectedAt.push(performance.now());
      event(socket, message, connection);
      if (connection === 0) setTimeout(() => socket.close(1001, 'going away, retry-after-ms=150'), 1);
    });
    expect(await take(client, 2)).toEqual(['0', '1']);
    const [first = 0, second = 0] = connectedAt;
    expect(second - first).toBeGreaterThanOrEqual(149);
  });

  test('a refused token is renewed; where there is no other, that ends it', async () => {
    const renewed = await serve(strict, { token: (refused) => (refused === null ? 'old' : 'new') });
    expect(await take(renewed.client, 1)).toEqual(['1']);
    const kept = await serve(strict, { token: 'old' });
    const refused: unknown = await take(kept.client, 1).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect((refused as Error).message).toBe('the token expired');
  });

  test('a refused subscription throws; one that the server completes ends the loop', async () => {
    const answer =
      (type: string): Script =>
      (message, socket) => {
        if (message.type === 'connection_init') acknowledge(socket);
        if (message.type === 'subscribe')
          say(socket, { type, id: message.id, ...(type === 'error' && { payload: [{ message: 'not for you' }] }) });
      };
    const refused = await serve(answer('error'));
    await expect(take(refused.client, 1)).rejects.toThrow(new GraphQLRequestError([{ message: 'not for you' }], null));
    const completed = await serve(answer('complete'));
    expect(await take(completed.client, 1)).toEqual([]);
  });

  test('an aborted one throws the caller’s reason', async () => {
    const { client } = await serve((message, socket) => message.type === 'connection_init' && acknowledge(socket));
    const controller = new AbortController();
    const next = client.subscribe(CanonFeedDocument, {}, { signal: controller.signal }).next();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  });

  test('a reader that is too slow is told so after what it can still have', async () => {
    let ended = 0;
    const stream = new EventStream<number>(2, () => (ended += 1));
    for (const n of [1, 2, 3, 4]) stream.push(n);
    expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 2]);
    await expect(stream.next()).rejects.toBeInstanceOf(SlowReaderError);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await stream.return();
    expect(ended).toBe(1);
  });
});
