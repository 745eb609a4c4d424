import { randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { WebSocketConnection } from './websocket-connection.ts';
import type { ConnectionOptions } from './websocket-connection.ts';
import { closeCodes } from './websocket-messages.ts';

const subprotocol = 'graphql-transport-ws';

export interface WebSocketOptions extends ConnectionOptions {
  /** Bytes of one message of a client. */
  readonly messageBytesMax: number;
  /** How often a silent socket is asked whether it is still there. */
  readonly keepAliveMs: number;
  /** Clients are told to come back at random within so long when the server goes away. */
  readonly reconnectSpreadMs: number;
}

/** All sockets of the gateway. */
export class LiveWebSockets {
  readonly #options: WebSocketOptions;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<WebSocket, WebSocketConnection>();
  /** Sockets that did not answer the last ping yet. */
  readonly #silent = new WeakSet<WebSocket>();
  /** Runs from the first socket on. */
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.messageBytesMax,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#accept(webSocket, request.socket.remoteAddress),
    );
  }

  /** Lets operations with one answer end, then tells every client that the server goes away; resolves when they are gone, or after the time given. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#keepAlive);
    const gone = [...this.#connections].map(
      ([socket, connection]) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          connection.goAway(goingAway(randomInt(this.#options.reconnectSpreadMs + 1)));
        }),
    );
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(gone), new Promise((resolve) => (timer = setTimeout(resolve, graceMs)))]);
    clearTimeout(timer);
    for (const socket of this.#connections.keys()) socket.terminate();
    this.#server.close();
  }

  /** Ends the sockets whose tokens were revoked. */
  closeRevoked(): void {
    for (const connection of this.#connections.values()) connection.closeIfRevoked();
  }

  #accept(socket: WebSocket, address: string | undefined): void {
    if (socket.protocol !== subprotocol) {
      socket.close(closeCodes.badSubprotocol, `Subprotocol not acceptable: offer ${subprotocol}`);
      return;
    }
    this.#keepAlive ??= setInterval(() => {
      this.#pingAll();
    }, this.#options.keepAliveMs);
    this.#connections.set(socket, new WebSocketConnection(socket, address, this.#options));
    socket.on('pong', () => this.#silent.delete(socket));
    socket.on('close', () => this.#connections.delete(socket));
  }

  #pingAll(): void {
    for (const socket of this.#connections.keys()) {
      if (this.#silent.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#silent.add(socket);
      socket.ping();
    }
  }
}

/** What clients are told, and read with `/retry-after-ms=(\d+)/`: at different times, so that they do not come to the next server all at once. */
function goingAway(retryAfterMs: number): string {
  return `the server is going away: connect again, retry-after-ms=${retryAfterMs}`;
}
