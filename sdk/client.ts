import { AuthenticationError, RateLimitError, TimeoutError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import { post } from './http-transport.ts';
import { LiveTransport, type WatchHandlers } from './live-transport.ts';
import { type PreparedOperation, type TypedText, prepareOperation, randomKey } from './operation.ts';
import { type Connection, type PageVariables, turnPages } from './pages.ts';
import { revoke } from './revoke.ts';
import { type RetryOptions, backoffMs, isPassing, retryDefaults, sleep, wasNotDone } from './retry.ts';
import { type TokenOption, TokenSource } from './token-source.ts';

export interface ClientOptions {
  /** Where the gateway is, for example `http://localhost:4000`; in a page its own origin. */
  readonly url: string;
  /** A token, or a function that is asked for one; without one requests are anonymous. */
  readonly token?: TokenOption;
  readonly fetch?: typeof fetch;
  /** A WebSocket class, where there is none built in (Node before 22). */
  readonly webSocket?: unknown;
  readonly retry?: RetryOptions;
  /** How long an operation may take in all, its repetitions included. Default 30,000. */
  readonly timeoutMs?: number;
  /** How long one attempt may take. Default 10,000. */
  readonly attemptTimeoutMs?: number;
}

export interface RequestOptions {
  /** Gives up when it is aborted: its reason is thrown. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Sends no token, whatever the client has. */
  readonly anonymous?: boolean;
}

export interface SubscribeOptions extends Pick<RequestOptions, 'signal'>, Pick<WatchHandlers<unknown>, 'missed'> {}

/** Variables may be left out where none is required. */
type Arguments<V, Options> =
  Partial<V> extends V
    ? [variables?: V, options?: Options]
    : V extends Record<string, never>
      ? [variables?: V, options?: Options]
      : [variables: V, options?: Options];

/** Follows one subscription. `stop` ends it. */
export interface Watch {
  readonly stop: () => void;
}

export interface Client {
  /**
   * Runs a query or mutation. What passes (no answer, 429, 502 to 504) is tried again, a mutation only with an idempotency key, which
   * is made by itself for each whose `input` is a variable. Throws GraphQLRequestError and its kinds, NetworkError,
   * TimeoutError, HttpError, or the reason of `signal`.
   */
  request<R, V>(operation: TypedText<R, V>, ...parameters: Arguments<V, RequestOptions>): Promise<R>;
  /** The pages of the list that `pick` finds in the data, one request each, made when the page is asked for. */
  pages<R, V extends PageVariables, C extends Connection>(
    operation: TypedText<R, V>,
    variables: V,
    pick: (data: R) => C | null | undefined,
    options?: RequestOptions,
  ): AsyncGenerator<C, void, undefined>;
  /** The items of such pages, one by one. */
  items<R, V extends PageVariables, T>(
    operation: TypedText<R, V>,
    variables: V,
    pick: (data: R) => (Connection & { readonly nodes: readonly T[] }) | null | undefined,
    options?: RequestOptions,
  ): AsyncGenerator<T, void, undefined>;
  /**
   * Follows a subscription over graphql-transport-ws. After a reconnect it goes on where it was: what happened meanwhile comes too.
   */
  watch<R, V>(operation: TypedText<R, V>, variables: V, on: WatchHandlers<R>): Watch;
  /** The same for `for await`; leaving the loop ends it. At most 1,000 events wait to be read. An error ends it. */
  subscribe<R, V>(
    operation: TypedText<R, V>,
    ...parameters: Arguments<V, SubscribeOptions>
  ): AsyncIterableIterator<R, undefined>;
  /**
   * Ends the subscriptions and revokes the token, with `everywhere` every token of its subject; the server refuses them from then on. Throws
   * NetworkError, HttpError or TimeoutError: the token may then still be good.
   */
  signOut(options?: { readonly everywhere?: boolean }): Promise<void>;
  /** Ends the subscriptions. */
  close(): void;
}

const eventsWaitingMax = 1_000;

/** A typed client of the platform's endpoint, for Node and browsers. */
export function createClient(options: ClientOptions): Client {
  return new PlatformClient(options);
}

/** What is no address says so here: a request would only say that nobody answers. */
function endpointOf(url: string): URL {
  if (/^https?:/i.test(url) && URL.canParse(url)) return new URL('/graphql', url);
  throw new TypeError(`url: must be an address like http://localhost:4000, not ${JSON.stringify(url)}`);
}

class PlatformClient implements Client {
  readonly #endpoint: URL;
  readonly #fetch: typeof fetch;
  readonly #tokens: TokenSource;
  readonly #retry: Required<RetryOptions>;
  readonly #options: ClientOptions;
  #live: LiveTransport | null = null;
  /** When the server wants to be asked again, by `Date.now()`. */
  #notBeforeMs = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#endpoint = endpointOf(options.url);
    // A browser's fetch must not be called as a method of something else.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#tokens = new TokenSource(options.token ?? null);
    this.#retry = { ...retryDefaults, ...options.retry };
  }

  async request<R, V>(operation: TypedText<R, V>, ...[variables, options]: Arguments<V, RequestOptions>): Promise<R> {
    return this.#request(operation, variables, options);
  }

  async *pages<R, V extends PageVariables, C extends Connection>(
    operation: TypedText<R, V>,
    variables: V,
    pick: (data: R) => C | null | undefined,
    options?: RequestOptions,
  ): AsyncGenerator<C, void, undefined> {
    yield* turnPages(variables.after, async (after) =>
      pick(await this.#request(operation, { ...variables, after }, options)),
    );
  }

  async *items<R, V extends PageVariables, T>(
    operation: TypedText<R, V>,
    variables: V,
    pick: (data: R) => (Connection & { readonly nodes: readonly T[] }) | null | undefined,
    options?: RequestOptions,
  ): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages(operation, variables, pick, options)) yield* page.nodes;
  }

  watch<R, V>(operation: TypedText<R, V>, variables: V, on: WatchHandlers<R>): Watch {
    this.#live ??= new LiveTransport({
      endpoint: this.#endpoint,
      tokens: this.#tokens,
      retry: this.#retry,
      webSocket: this.#options.webSocket,
    });
    return { stop: this.#live.watch(operation.toString(), variables as Record<string, unknown>, on) };
  }

  subscribe<R, V>(
    operation: TypedText<R, V>,
    ...[variables, options]: Arguments<V, SubscribeOptions>
  ): AsyncIterableIterator<R, undefined> {
    const signal = options?.signal;
    const abort = (): void => stream.fail(signal?.reason);
    const stream = new EventStream<R>(eventsWaitingMax, () => {
      signal?.removeEventListener('abort', abort);
      watch.stop();
    });
    const watch = this.watch(operation, variables ?? ({} as V), {
      next: (data) => stream.push(data),
      error: (error) => stream.fail(error),
      complete: () => stream.complete(),
      ...(options?.missed && { missed: options.missed }),
    });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    return stream;
  }

  async signOut({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<void> {
    this.close();
    const token = await this.#tokens.current();
    if (token === null) return;
    const timeoutMs = this.#options.attemptTimeoutMs ?? 10_000;
    await revoke({
      endpoint: new URL('/revoke', this.#endpoint),
      fetch: this.#fetch,
      token,
      everywhere,
      timeoutMs,
    });
  }

  close(): void {
    this.#live?.close();
    this.#live = null;
  }

  async #request<R, V>(operation: TypedText<R, V>, variables: V | undefined, options: RequestOptions = {}): Promise<R> {
    const prepared = prepareOperation(operation.toString(), variables ?? {}, randomKey);
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? 30_000;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    try {
      return (await this.#retried(prepared, signal, options.anonymous ?? false)) as R;
    } catch (error) {
      // Of the two, the one that was aborted first gave the signal its reason.
      throw timeout.aborted && signal.reason === timeout.reason ? new TimeoutError(timeoutMs) : error;
    }
  }

  async #retried(prepared: PreparedOperation, signal: AbortSignal, isAnonymous: boolean): Promise<unknown> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#keepPace(signal);
        return await (isAnonymous ? this.#post(prepared, null, signal) : this.#attempt(prepared, signal));
      } catch (error) {
        const mayRepeat = prepared.isRepeatable ? isPassing(error) : wasNotDone(error);
        if (signal.aborted || !mayRepeat || attempt + 1 >= this.#retry.attemptsMax) throw error;
        if (this.#notBeforeMs - Date.now() > this.#retry.serverWaitMsMax) throw error;
        // Drawn apart from each other also when the server has told all clients the same moment.
        await sleep(Math.max(0, this.#notBeforeMs - Date.now()) + backoffMs(attempt, this.#retry), signal);
      }
    }
  }

  /** Waits as long as the server asked for. */
  async #keepPace(signal: AbortSignal): Promise<void> {
    const waitMs = this.#notBeforeMs - Date.now();
    if (waitMs > this.#retry.serverWaitMsMax)
      throw new RateLimitError(
        [{ message: `the server asked for no request in the next ${Math.ceil(waitMs / 1000)} s` }],
        null,
        waitMs,
      );
    if (waitMs > 0) await sleep(waitMs, signal);
  }

  async #attempt(prepared: PreparedOperation, signal: AbortSignal): Promise<unknown> {
    const token = await this.#tokens.current();
    try {
      return await this.#post(prepared, token, signal);
    } catch (error) {
      if (!(error instanceof AuthenticationError) || token === null) throw error;
      const renewed = await this.#tokens.renew(token);
      if (renewed === null) throw error;
      return this.#post(prepared, renewed, signal);
    }
  }

  async #post({ query, variables }: PreparedOperation, token: string | null, signal: AbortSignal): Promise<unknown> {
    const timeoutMs = this.#options.attemptTimeoutMs ?? 10_000;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await post({
        endpoint: this.#endpoint,
        fetch: this.#fetch,
        token,
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.any([signal, timeout]),
        onServerWait: (ms) => (this.#notBeforeMs = Math.max(this.#notBeforeMs, Date.now() + ms)),
      });
    } catch (error) {
      throw timeout.aborted && !signal.aborted ? new TimeoutError(timeoutMs) : error;
    }
  }
}
