import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Connections } from './connections.ts';
import type { ConnectionsOptions } from './connections.ts';
import { Deadline } from './deadline.ts';
import type { HttpAnswer } from './response-reader.ts';

// Goal: requests share connections that stay, never each other's answers, and whatever a server does to a connection ends in one clear way.
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
}

/** A server that says what it is told to, whatever it is asked. */
async function raw(onRequest: (socket: Socket, request: string) => void): Promise<URL> {
  return listen(
    createTcpServer((socket) => {
      cleanUps.push(() => socket.destroy());
      socket.on('error', () => {});
      socket.on('data', (bytes) => onRequest(socket, bytes.toString('utf8')));
    }),
  );
}

function connect(
  url: URL,
  options: Partial<ConnectionsOptions> = {},
): (body: string, deadline?: Deadline) => Promise<HttpAnswer> {
  const connections = new Connections({
    url,
    connectionsMax: 4,
    timeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    responseBytesMax: 1_000_000,
    ...options,
  });
  const forever = new Deadline(60_000);
  cleanUps.push(async () => {
    forever.clear();
    await connections.close();
  });
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\ncontent-length: `;
  return (body, deadline = forever) => connections.post(head, body, deadline);
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('connections', () => {
  test('many requests get their own answers over few connections, in any size and encoding', async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      void text(request).then((body) => {
        // In one piece with its length, or in chunks without.
        if (body.length % 2 === 0) response.setHeader('content-length', Buffer.byteLength(body));
        response.write(body.slice(0, 10));
        setImmediate(() => response.end(body.slice(10)));
      });
    });
    const post = connect(await listen(server));
    const bodies = Array.from({ length: 60 }, (_, index) => `${index} «ü🙂» ${'x'.repeat((index * 7_919) % 150_000)}`);
    const answers = await Promise.all(bodies.map((body) => post(body)));
    expect(answers.map((answer) => answer.text)).toEqual(bodies);
    expect(ports.size).toBeLessThanOrEqual(4);
    for (const body of bodies.slice(0, 10)) expect((await post(body)).text).toBe(body);
    expect(ports.size).toBeLessThanOrEqual(4);
  });

  test('an answer that nobody asked for is given to nobody', async () => {
    let lied: Promise<unknown> = Promise.resolve();
    const url = await raw((socket, request) => {
      const number = Number(/\d+$/.exec(request)?.[0]);
      const isEarly = number % 3 === 0;
      const isLate = number % 3 === 1;
      if (isEarly || isLate) lied = new Promise((resolve) => socket.once('close', resolve));
      socket.write(ok(String(number)) + (isEarly ? ok('poison') : ''));
      if (isLate) setTimeout(() => socket.write(ok('poison')), 1);
    });
    const post = connect(url);
    for (let number = 0; number < 30; number += 1) {
      expect((await post(String(number))).text).toBe(String(number));
      await lied;
    }
  });

  test.each<[string, (socket: Socket) => void, object]>([
    ['ends before it answers', (socket) => socket.end(), { code: 'CONNECTION_CLOSED' }],
    [
      'ends in the middle',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      { code: 'CONNECTION_CLOSED' },
    ],
    ['resets', (socket) => socket.resetAndDestroy(), { code: 'ECONNRESET' }],
    ['says nothing', () => {}, { code: 'ANSWER_TIMEOUT' }],
    ['stops in the middle', (socket) => socket.write('HTTP/1.1 200 OK\r\n'), { code: 'ANSWER_TIMEOUT' }],
    ['speaks of something else', (socket) => socket.write('220 mail\r\n\r\n'), { name: 'ResponseError' }],
    ['says too much', (socket) => socket.write(ok('x'.repeat(2_000_000))), { name: 'ResponseError' }],
  ])('a server that %s', async (_what, act, error) => {
    const url = await raw(act);
    await expect(connect(url, { timeoutMs: 150 })('{}')).rejects.toMatchObject(error);
  });

  test('an answer whose end is that of the connection', async () => {
    const url = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"a":1}'));
    const post = connect(url);
    for (let index = 0; index < 3; index += 1) expect((await post('{}')).text).toBe('{"a":1}');
  });

  test('a connection that the server is about to close is not used again', async () => {
    const sockets = new Set<Socket>();
    const url = await raw((socket) => {
      sockets.add(socket);
      socket.write(`HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 2\r\n\r\n{}`);
    });
    const post = connect(url);
    for (let index = 0; index < 3; index += 1) await post('{}');
    expect(sockets.size).toBe(3);
  });

  test('who gives up frees a place, waiting or not', async () => {
    const url = await raw((socket, request) => {
      if (request.endsWith('answer')) socket.write(ok('{}'));
    });
    const post = connect(url, { connectionsMax: 1 });
    const soon = new Deadline(20);
    const outcomes = await Promise.allSettled([post('a', soon), post('b', soon), post('c', soon)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await post('answer')).text).toBe('{}');
  });

  test('closing waits for what runs, and takes no more', async () => {
    const { promise: asked, resolve: tell } = Promise.withResolvers<Socket>();
    const url = await raw(tell);
    const connections = new Connections({
      url,
      connectionsMax: 1,
      timeoutMs: 5_000,
      connectTimeoutMs: 5_000,
      responseBytesMax: 100,
    });
    const deadline = new Deadline(60_000);
    const running = connections.post('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ', '{}', deadline);
    const socket = await asked;
    const closed = connections.close();
    await expect(connections.post('', '', deadline)).rejects.toMatchObject({ code: 'CLOSED_BY_US' });
    socket.write(ok('{}'));
    expect((await running).text).toBe('{}');
    await closed;
    deadline.clear();
  });
});
