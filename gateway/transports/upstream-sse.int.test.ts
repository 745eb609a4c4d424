import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Agent, fetch, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphResponse, Upstream } from './transport.ts';
import { subscribeOverSse } from './upstream-sse.ts';

// Goal: a stream is quiet for as long as nothing happens, and a subgraph that begins an answer and never ends it keeps nobody.
const usual = getGlobalDispatcher();
const impatient = new Agent({ bodyTimeout: 50 });
let server: Server;
let url: string;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterEach(async () => {
  setGlobalDispatcher(usual);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const request = { query: 'subscription { a }', variables: {}, auth: { claims: null, handshake: '55-45-17' } };

function subscribe(timeoutMs: number, told: unknown[], end: (reason: unknown) => void): Promise<Upstream> {
  const listener = { next: ({ data }: SubgraphResponse) => void told.push(data), end };
  return subscribeOverSse({ name: 'items', url, timeoutMs, eventBytesMax: 10_000 }, request, listener);
}

test('a stream may be quiet for longer than an answer may', async () => {
  const streams: ServerResponse[] = [];
  answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    streams.push(response);
  };
  setGlobalDispatcher(impatient);
  const told: unknown[] = [];
  const ended = Promise.withResolvers<unknown>();
  await subscribe(60_000, told, ended.resolve);
  // Begun later and as quiet: whatever ends this one would have ended the subscription before it.
  const other = await fetch(url);
  await expect(other.text()).rejects.toMatchObject({ cause: { code: 'UND_ERR_BODY_TIMEOUT' } });
  streams[0]?.end('data: {"data":{"a":1}}\n\nevent: complete\n\n');
  expect(await ended.promise).toBeNull();
  expect(told).toEqual([{ a: 1 }]);
});

test('an answer without events that never ends is given up in time', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"errors":');
  };
  await expect(subscribe(1_000, [], () => {})).rejects.toThrow(SubgraphUnavailableError);
});
