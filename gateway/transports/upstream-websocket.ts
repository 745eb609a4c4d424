import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { isObject, readErrors, readGraphqlResponse } from './graphql-response.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphSubscription, Upstream, UpstreamListener } from './transport.ts';
import { NotSpokenError } from './upstream.ts';
import type { UpstreamOptions } from './upstream.ts';

/** The protocol of graphql-ws, and that of subscriptions-transport-ws, which came before it under the other's name. */
const protocols = ['graphql-transport-ws', 'graphql-ws'];
const id = '1';
/** A peer that does not answer a ping within so long is gone, in milliseconds. */
const pingMs = 30_000;

/** Subscribes over a WebSocket of its own. Resolves when the subgraph has accepted the connection; rejects with `SubgraphUnavailableError`. */
export function subscribeOverWebSocket(
  options: UpstreamOptions,
  request: SubgraphSubscription,
  listener: UpstreamListener,
): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    new Subscription(options, request, listener, { resolve, reject });
  });
}

interface Settle {
  readonly resolve: (upstream: Upstream) => void;
  readonly reject: (error: Error) => void;
}

class Subscription {
  readonly #name: string;
  readonly #socket: WebSocket;
  readonly #request: SubgraphSubscription;
  readonly #listener: UpstreamListener;
  readonly #settle: Settle;
  readonly #late: NodeJS.Timeout;
  #pinging: NodeJS.Timeout | undefined;
  #hasAnswered = true;
  #isAccepted = false;

  constructor(options: UpstreamOptions, request: SubgraphSubscription, listener: UpstreamListener, settle: Settle) {
    this.#name = options.name;
    this.#request = request;
    this.#listener = listener;
    this.#settle = settle;
    this.#socket = new WebSocket(options.url.replace(/^http/, 'ws'), protocols, {
      headers: { [HANDSHAKE_HEADER]: request.auth.handshake },
      maxPayload: options.eventBytesMax,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#late = setTimeout(() => this.#fail('did not accept the subscription in time'), options.timeoutMs);
    this.#socket.on('unexpected-response', (asked, response) => {
      asked.destroy();
      this.#refused(response);
    });
    this.#socket.on('open', () => this.#send({ type: 'connection_init', payload: {} }));
    this.#socket.on('message', (data) => this.#receive(textOf(data)));
    this.#socket.on('pong', () => (this.#hasAnswered = true));
    this.#socket.on('error', (error) => this.#fail('does not answer', error));
    this.#socket.on('close', () => this.#fail('ended the connection'));
  }

  close(): void {
    this.#stop();
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#send({ id, type: this.#isLegacy ? 'stop' : 'complete' });
      this.#socket.close(1000);
    } else this.#socket.terminate();
  }

  get #isLegacy(): boolean {
    return this.#socket.protocol === 'graphql-ws';
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = parseExactly(text);
    } catch {
      // Told as what it is not.
    }
    if (!isObject(message)) return this.#fail('sent something else than a message');
    const { type, payload } = message;
    // A connection carries one operation: what names another is about nothing that was asked for.
    if (typeof message['id'] === 'string' && message['id'] !== id) return;
    switch (type) {
      case 'connection_ack':
        return this.#accepted();
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'next':
      case 'data': {
        const response = readGraphqlResponse(payload);
        return response ? this.#listener.next(response) : this.#fail('sent an event that is no GraphQL response');
      }
      case 'error':
        this.#listener.end(readErrors(payload));
        return this.close();
      case 'complete':
        this.#listener.end(null);
        return this.close();
      case 'connection_error':
        return this.#fail('refused the connection');
      default:
    }
  }

  #accepted(): void {
    if (this.#isAccepted) return;
    this.#isAccepted = true;
    clearTimeout(this.#late);
    this.#pinging = setInterval(() => this.#ping(), pingMs);
    const { query, variables } = this.#request;
    this.#send({ id, type: this.#isLegacy ? 'start' : 'subscribe', payload: { query, variables } });
    this.#settle.resolve(this);
  }

  #ping(): void {
    if (!this.#hasAnswered) return this.#fail('does not answer any more');
    this.#hasAnswered = false;
    this.#socket.ping();
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The server is there and answered the handshake as a request. */
  #refused({ statusCode = 0 }: IncomingMessage): void {
    this.#stop();
    const message = `the subgraph ${this.#name} answered ${statusCode} to a WebSocket`;
    this.#settle.reject(statusCode < 500 ? new NotSpokenError(message) : new SubgraphUnavailableError(message));
  }

  #fail(what: string, cause?: Error): void {
    const error = new SubgraphUnavailableError(`the subgraph ${this.#name} ${what}`, { cause });
    this.#settle.reject(error);
    this.#listener.end(error);
    this.#stop();
    this.#socket.terminate();
  }

  #stop(): void {
    clearTimeout(this.#late);
    clearInterval(this.#pinging);
  }
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
}
