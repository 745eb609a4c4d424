import { type Client as SocketClient, createClient as createSocketClient } from 'graphql-ws';
import { AuthenticationError, type GraphQLFault, GraphQLRequestError, NetworkError } from './errors.ts';
import type { GraphQLAnswer } from './http-transport.ts';
import { type RetryOptions, backoffMs, sleep } from './retry.ts';
import type { TokenSource } from './token-source.ts';

/** Told what becomes of a subscription. */
export interface WatchHandlers<R> {
  readonly next: (data: R) => void;
  /** An event came with errors, in which case more may follow; or the subscription ended, which no reconnect can mend. */
  readonly error?: (error: unknown) => void;
  /** The connection stands: at first, and again after each interruption. */
  readonly connected?: () => void;
  /** The connection broke. The client is connecting again. */
  readonly disconnected?: () => void;
  /** This many events did not come: they were taken too slowly, or (null) it is too late to go on from the last one. */
  readonly missed?: (events: number | null) => void;
  /** The server ended the subscription. */
  readonly complete?: () => void;
}

export interface LiveOptions {
  readonly endpoint: URL;
  readonly tokens: TokenSource;
  readonly retry: Required<RetryOptions>;
  readonly webSocket?: unknown;
}

/** A message to the server that keeps a dead connection from looking like a quiet one. */
const keepAliveMs = 15_000;
const pongMsMax = 10_000;
/** Close codes by which the server refuses the token. */
const refusedCodes: readonly unknown[] = [4401, 4403];

/** Subscriptions over graphql-transport-ws: one socket for all, opened for the first and closed after the last. */
export class LiveTransport {
  readonly #options: LiveOptions;
  readonly #closing = new AbortController();
  readonly #client: SocketClient;
  #isConnected = false;
  #token: string | null = null;
  /** Why the server refused the token; null where it did not. */
  #refusal: string | null = null;
  /** When the server wants to be connected to again, by `Date.now()`. */
  #notBeforeMs = 0;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#client = createSocketClient({
      url: socketAddress(options.endpoint),
      webSocketImpl: options.webSocket,
      lazy: true,
      keepAlive: keepAliveMs,
      connectionParams: () => this.#authenticate(),
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) => {
        const waitMs = Math.max(backoffMs(retries, options.retry), this.#notBeforeMs - Date.now());
        return sleep(waitMs, this.#closing.signal).catch(() => {});
      },
      shouldRetry: (error) => !this.#closing.signal.aborted && !(error instanceof AuthenticationError),
      on: {
        connected: () => (this.#isConnected = true),
        ping: (received) => {
          if (!received) this.#pongTimer = setTimeout(() => this.#client.terminate(), pongMsMax);
        },
        pong: (received) => received && clearTimeout(this.#pongTimer),
        closed: (event) => {
          clearTimeout(this.#pongTimer);
          this.#isConnected = false;
          const { code, reason } = closeOf(event);
          this.#refusal = refusedCodes.includes(code) ? reason.replace(/^Forbidden: /, '') : null;
          this.#notBeforeMs = Date.now() + Math.min(serverWaitMs(reason), options.retry.serverWaitMsMax);
        },
      },
    });
  }

  /** Follows a subscription until the function that it gives is called. */
  watch<R>(query: string, variables: Record<string, unknown>, handlers: WatchHandlers<R>): () => void {
    const { connected, disconnected } = handlers;
    const unlisten = [
      ...(connected ? [this.#client.on('connected', connected)] : []),
      ...(disconnected ? [this.#client.on('closed', disconnected)] : []),
    ];
    const end = (): void => {
      for (const stopListening of unlisten.splice(0)) stopListening();
    };
    if (this.#isConnected) queueMicrotask(() => unlisten.length > 0 && connected?.());
    // graphql-ws sends this very object again after each reconnect.
    const payload: Payload = { query, variables };
    let stop = (): void => {};
    const follow = (): void => {
      stop = this.#client.subscribe<unknown>(payload, {
        next: (answer) => deliver(answer as GraphQLAnswer, payload, handlers),
        error: (error) => {
          if (payload.extensions && isCursorRefused(error)) {
            delete payload.extensions;
            follow();
            handlers.missed?.(null);
            return;
          }
          end();
          handlers.error?.(toClientError(error));
        },
        complete: () => {
          end();
          handlers.complete?.();
        },
      });
    };
    follow();
    return () => {
      end();
      stop();
    };
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#pongTimer);
    // Rejects where a connection that is being made fails, which nobody waits for any more.
    Promise.resolve(this.#client.dispose()).catch(() => {});
  }

  async #authenticate(): Promise<Record<string, unknown>> {
    const { tokens } = this.#options;
    if (this.#refusal !== null && this.#token !== null) {
      const renewed = await tokens.renew(this.#token);
      if (renewed === null)
        throw new AuthenticationError([{ message: this.#refusal || 'the server refused the token' }], null, 401);
      this.#token = renewed;
    } else this.#token = await tokens.current();
    return this.#token === null ? {} : { authToken: this.#token };
  }
}

interface Payload {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  /** Goes on after the event that this cursor came with: what happened while there was no connection comes too. */
  extensions?: { readonly resume: string };
}

function deliver<R>(answer: GraphQLAnswer, payload: Payload, handlers: WatchHandlers<R>): void {
  const { data, errors = [], extensions = {} } = answer;
  const { cursor, lagged } = extensions;
  if (typeof cursor === 'string') payload.extensions = { resume: cursor };
  if (typeof lagged === 'number') handlers.missed?.(lagged);
  if (errors.length > 0) handlers.error?.(new GraphQLRequestError(errors, data));
  if (data !== null && data !== undefined) handlers.next(data as R);
}

/** Events are not kept for ever, nor is the key that signs cursors. */
function isCursorRefused(error: unknown): boolean {
  const refusal = toClientError(error);
  return refusal instanceof GraphQLRequestError && /^CURSOR_/.test(refusal.code ?? '');
}

function socketAddress(endpoint: URL): string {
  const url = new URL(endpoint);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

function toClientError(error: unknown): Error {
  if (Array.isArray(error)) return new GraphQLRequestError(error as readonly GraphQLFault[], null);
  if (error instanceof Error) return error;
  const { code, reason } = closeOf(error);
  if (refusedCodes.includes(code))
    return new AuthenticationError([{ message: `the server refused the connection: ${reason}` }], null, 401);
  return new NetworkError(`the connection was closed: ${reason || 'no reason given'} (${String(code)})`, {
    cause: error,
  });
}

/** How long a server that closes the connection asks its clients to wait, in milliseconds; 0 where it asks nothing. */
function serverWaitMs(reason: string): number {
  return Number(/retry-after-ms=(\d{1,9})/.exec(reason)?.[1] ?? 0);
}

function closeOf(event: unknown): { readonly code?: unknown; readonly reason: string } {
  if (typeof event !== 'object' || event === null) return { reason: '' };
  const { code, reason } = event as { code?: unknown; reason?: unknown };
  return { code, reason: typeof reason === 'string' ? reason : '' };
}
