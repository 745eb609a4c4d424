import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { subscribeOverWebSocket } from './upstream-websocket.ts';

// Goal: what a subgraph says of an operation that nobody asked it for is nobody's.
test('messages about other operations are passed over', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  server.on('connection', (socket) => {
    const send = (message: object): void => socket.send(JSON.stringify(message));
    socket.on('message', (text: Buffer) => {
      const { type, id } = JSON.parse(text.toString('utf8')) as { type: string; id?: string };
      if (type === 'connection_init') send({ type: 'connection_ack' });
      if (type !== 'subscribe') return;
      send({ id: 'other', type: 'next', payload: { data: { n: 0 } } });
      send({ id: 'other', type: 'error', payload: [{ message: 'theirs' }] });
      send({ id, type: 'next', payload: { data: { n: 1 } } });
      send({ id: 'other', type: 'complete' });
      send({ id, type: 'next', payload: { data: { n: 2 } } });
      send({ id, type: 'complete' });
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const heard: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    subscribeOverWebSocket(
      { name: 'lax', url, timeoutMs: 5_000, eventBytesMax: 10_000 },
      { query: 'subscription { n }', variables: {}, auth: { claims: null, handshake: '' } },
      {
        next: ({ data }) => heard.push(data),
        end(reason) {
          heard.push(reason);
          resolve();
        },
      },
    ).catch(reject);
  });
  expect(heard[0]).toEqual({ n: 1 });
  expect(heard[1]).toEqual({ n: 2 });
  expect(heard[2]).toBeNull();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});
