import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { print } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: clients that others wrote come back by themselves when their connection breaks, and may name operations by their hash.
const hello = gql('query Hello($name: String) {\n  hello(name: $name)\n}');
const unknown = gql('query Unknown {\n  hello\n}');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let platform: Platform;
/** A line to the gateway that can be cut. */
let line: Server;
let url: string;
const sockets = new Set<Socket>();
const cut = (): void => sockets.forEach((socket) => socket.destroy());
beforeAll(async () => {
  platform = await startPlatform({
    persisted: { texts: new Map([[sha256(print(hello)), print(hello)]]), only: false },
  });
  line = createServer((near) => {
    const far = connect(platform.gateway.address?.port ?? 0, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(line.address() as AddressInfo).port}/graphql`;
});
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  cut();
  await new Promise((resolve) => line.close(resolve));
  await platform.stop();
});

const soon = { retryAttempts: 20, retryWait: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) };
const said = 'subscription { said(space: "a") { id } }';
type Subscribe = (onId: (id: string) => void) => void;
const idOf = (result: { data?: unknown }): string => (result.data as { said: { id: string } }).said.id;

const overWebSocket: Subscribe = (onId) => {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    shouldRetry: () => true,
    ...soon,
  });
  closing.push(() => client.dispose());
  client.subscribe({ query: said }, { next: (result) => onId(idOf(result)), error: () => {}, complete: () => {} });
};
const overSse: Subscribe = (onId) => {
  const client = createSseClient({ url, retryAttempts: soon.retryAttempts, retry: soon.retryWait });
  closing.push(() => client.dispose());
  client.subscribe({ query: said }, { next: (result) => onId(idOf(result)), error: () => {}, complete: () => {} });
};
const overApollo: Subscribe = (onId) => {
  const socket = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    shouldRetry: () => true,
    ...soon,
  });
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  closing.push(() => {
    client.stop();
    return socket.dispose();
  });
  client.subscribe({ query: gql(said) }).subscribe((result) => onId(idOf(result)));
};

describe('clients that others wrote', () => {
  test.each<[string, Subscribe]>([
    ['graphql-ws', overWebSocket],
    ['graphql-sse', overSse],
    ['Apollo Client', overApollo],
  ])('%s goes on after its connection broke', async (name, subscribe) => {
    const seen = new Set<string>();
    subscribe((id) => seen.add(id));
    for (let round = 0; round < 3; round += 1) {
      const id = `${name} ${round}`;
      // Nothing tells when a subscription stands (again): it is said until it came.
      while (!seen.has(id)) {
        if (platform.log.tails > 0) platform.say('a', id);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      cut();
    }
    expect(seen.size).toBe(3);
  });

  test('Apollo Client sends the hash of an operation, and its text where that is not known', async () => {
    const sent: { query?: string; extensions?: unknown }[] = [];
    const http = new HttpLink({
      uri: url,
      fetch: (input, init) => {
        sent.push(JSON.parse(init?.body as string) as (typeof sent)[number]);
        return fetch(input, init);
      },
    });
    const client = new ApolloClient({
      link: new PersistedQueryLink({ sha256 }).concat(http),
      cache: new InMemoryCache(),
    });
    closing.push(() => client.stop());
    expect((await client.query({ query: hello, variables: { name: 'ada' } })).data).toEqual({ hello: 'hello ada' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256(print(hello)) } } });
    expect(sent[0]).not.toHaveProperty('query');
    expect((await client.query({ query: unknown })).data).toEqual({ hello: 'hello you' });
    expect(sent.slice(1).map(({ query }) => query)).toEqual([undefined, print(unknown)]);
  });
});
