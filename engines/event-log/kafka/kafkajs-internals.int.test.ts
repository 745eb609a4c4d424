import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { connectSocket } from './kafkajs-internals.ts';

test('limit: what the other side says and kafkajs cannot read ends the connection, not the process', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    // The length of an answer without room for what every answer begins with: kafkajs throws at it.
    socket.write(Buffer.alloc(64));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connectSocket({ host: '127.0.0.1', port, ssl: false as never, onConnect: () => undefined });
  const failed = once(socket, 'error');
  socket.on('data', (bytes: Buffer) => void bytes.subarray(4, 4).readInt32BE(0));
  const [error] = (await failed.catch((thrown: unknown) => [thrown])) as [Error];
  expect(error.message).toMatch(/^what is there does not speak Kafka's protocol \(Attempt to access memory outside/);
  server.close();
});
