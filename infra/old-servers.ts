import { type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A server of a version that the platform does not work with, as far as a client asks before it finds out. Old servers themselves cannot be had everywhere. */
export interface OldServer {
  /** `host:port`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** ClickHouse that tells this version. */
export function oldClickHouse(version: string): Promise<OldServer> {
  const server = createHttpServer((request, response) => {
    request.resume().once('end', () => response.end(`${JSON.stringify({ version })}\n`));
  });
  return listening(server, () => server.closeAllConnections());
}

/** Neo4j that speaks Bolt 5.4 and tells this agent; it grants whatever is asked of it. */
export function oldNeo4j(agent: string): Promise<OldServer> {
  const handshakeBytes = 20;
  return tcp((socket) => {
    let received = Buffer.alloc(0);
    let isAgreed = false;
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (!isAgreed && received.length >= handshakeBytes) {
        isAgreed = true;
        received = received.subarray(handshakeBytes);
        socket.write(Buffer.from([0, 0, 4, 5]));
      }
      // A message is chunks, each after its length, up to one of length 0.
      while (isAgreed && received.length >= 2) {
        const length = received.readUInt16BE(0);
        if (received.length < 2 + length) break;
        received = received.subarray(2 + length);
        if (length === 0) socket.write(boltSuccess({ server: agent, connection_id: 'bolt-1' }));
      }
    });
  });
}

/** Kafka that knows of no request but the one that asks what it knows. */
export function oldKafka(): Promise<OldServer> {
  const apiVersions = 18;
  return tcp((socket) => {
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const request = received.subarray(4, 4 + received.readInt32BE(0));
        received = received.subarray(4 + request.length);
        const version = request.readInt16BE(2);
        const answer = Buffer.alloc(4 + 2 + 4 + 6 + (version > 0 ? 4 : 0));
        answer.writeInt32BE(request.readInt32BE(4), 0);
        answer.writeInt32BE(1, 6);
        answer.writeInt16BE(apiVersions, 10);
        answer.writeInt16BE(2, 14);
        const size = Buffer.alloc(4);
        size.writeInt32BE(answer.length);
        socket.write(Buffer.concat([size, answer]));
      }
    });
  });
}

function boltSuccess(metadata: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([0xd0, Buffer.byteLength(value)]), Buffer.from(value)]);
  const entries = Object.entries(metadata);
  const map = [Buffer.from([0xa0 + entries.length]), ...entries.flat().map(text)];
  const message = Buffer.concat([Buffer.from([0xb1, 0x70]), ...map]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message, Buffer.alloc(2)]);
}

function tcp(talk: (socket: Socket) => void): Promise<OldServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    talk(socket);
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listening(server: Server, disconnect: () => void): Promise<OldServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      disconnect();
      await closed;
    },
  };
}
