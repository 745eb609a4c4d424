import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { fetchSupergraph, pollSupergraph } from './remote-supergraph.ts';

// Goal: a supergraph on a server is taken up when it changes; whatever the server does, the last good one is served on.
let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: (string | undefined)[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers['if-none-match']);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/supergraph?key=secret`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const serve =
  (sdl: string, etag: string) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(sdl);
  };

describe('fetching', () => {
  test('a version that is known is not sent again', async () => {
    answer = serve('type Query', '"1"');
    expect(await fetchSupergraph(url)).toEqual({ sdl: 'type Query', etag: '"1"' });
    expect(await fetchSupergraph(url, '"1"')).toBeNull();
    expect(await fetchSupergraph(url, '"0"')).toEqual({ sdl: 'type Query', etag: '"1"' });
  });

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error', (response) => response.writeHead(503).end('no'), /the server answered 503/],
    ['half an answer', (response) => response.writeHead(200, { 'content-length': 9 }).end('x'), /cannot be fetched/],
    ['a hang-up', (response) => response.destroy(), /cannot be fetched/],
    ['too much', (response) => response.end(Buffer.alloc(33 * 1024 * 1024)), /more than 33554432 bytes/],
  ])('%s is told, without the secret in the address', async (_name, respond, message) => {
    answer = (_request, response) => respond(response);
    const failure = await fetchSupergraph(url).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'SupergraphError', message: expect.stringMatching(message) });
    expect((failure as Error).message).not.toContain('secret');
  });

  test('nobody there', async () => {
    await expect(fetchSupergraph('http://127.0.0.1:1/x')).rejects.toThrow(/127\.0\.0\.1:1\/x cannot be fetched/);
  });
});

test('polling takes up what changes, once, and outlives failures', async () => {
  const taken: string[] = [];
  const reload = (sdl: string): void => {
    taken.push(sdl);
    if (sdl === 'broken') throw new Error('cannot be served');
  };
  answer = serve('one', '"1"');
  const current = { sdl: 'one', etag: '"1"' };
  const stop = pollSupergraph({ url, current, reload, logger: pino({ level: 'silent' }), everyMs: 2 });
  const looks = async (more: number): Promise<void> => {
    const until = asked.length + more;
    while (asked.length < until) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await looks(3);
  expect(taken).toEqual([]);
  answer = serve('broken', '"2"');
  await looks(3);
  answer = (_request, response) => response.writeHead(500).end();
  await looks(2);
  answer = serve('two', '"3"');
  await looks(3);
  stop();
  expect(taken).toEqual(['broken', 'two']);
  expect(asked.slice(0, 3)).toEqual(['"1"', '"1"', '"1"']);
});
