import { type Client as SocketClient, createClient as createSocketClient } from 'graphql-ws';

/** What codegen makes of an operation: its text, with the types of its result and variables attached. */
export interface TypedText<Result, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Result;
}

export interface ClientOptions {
  /** Where the gateway is, for example `http://localhost:4000`; in a page its own origin. */
  readonly url: string;
  /** A token, or a function asked before every request; without one requests are anonymous. */
  readonly token?: string | (() => string | null) | null;
  readonly fetch?: typeof fetch;
}

export interface GraphQLFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The gateway answered with errors. `data` holds what could be given all the same. */
export class GraphQLRequestError extends Error {
  override readonly name = 'GraphQLRequestError';
  readonly faults: readonly GraphQLFault[];
  readonly data: unknown;
  constructor(faults: readonly GraphQLFault[], data: unknown) {
    super(faults.map((fault) => fault.message).join('; '));
    this.faults = faults;
    this.data = data;
  }
}

/** Follows one subscription. `stop` ends it. */
export interface Watch {
  stop(): void;
}

export interface Client {
  /** Runs a query or mutation. Throws {@link GraphQLRequestError}, or a TypeError when no answer comes. */
  request<R, V>(operation: TypedText<R, V>, ...variables: V extends Record<string, never> ? [] : [V]): Promise<R>;
  /** Follows a subscription over graphql-transport-ws, through reconnects. */
  watch<R, V>(
    operation: TypedText<R, V>,
    variables: V,
    on: { next: (data: R) => void; error?: (error: unknown) => void; connected?: () => void },
  ): Watch;
  close(): void;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFault[];
}

/** A typed client of the platform's endpoint, for Node and browsers. */
export function createClient(options: ClientOptions): Client {
  const endpoint = new URL('/graphql', options.url);
  const send = options.fetch ?? fetch;
  const token = (): string | null => (typeof options.token === 'function' ? options.token() : (options.token ?? null));
  let socket: SocketClient | null = null;
  return {
    async request(operation, ...[variables]) {
      const bearer = token();
      const response = await send(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify({ query: operation.toString(), variables: variables ?? {} }),
      });
      const answer = (await response.json()) as Answer;
      if (answer.errors && answer.errors.length > 0) throw new GraphQLRequestError(answer.errors, answer.data);
      return answer.data as never;
    },
    watch(operation, variables, on) {
      socket ??= connect(endpoint, token);
      const offConnected = on.connected ? socket.on('connected', on.connected) : () => {};
      const stop = socket.subscribe(
        { query: operation.toString(), variables: variables as Record<string, unknown> },
        {
          next: (answer) => {
            if (answer.errors && answer.errors.length > 0)
              on.error?.(new GraphQLRequestError(answer.errors, answer.data));
            if (answer.data) on.next(answer.data as never);
          },
          error: (error) =>
            on.error?.(Array.isArray(error) ? new GraphQLRequestError(error as readonly GraphQLFault[], null) : error),
          complete: offConnected,
        },
      );
      return {
        stop() {
          offConnected();
          stop();
        },
      };
    },
    close() {
      void socket?.dispose();
      socket = null;
    },
  };
}

function connect(endpoint: URL, token: () => string | null): SocketClient {
  const url = new URL(endpoint);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return createSocketClient({
    url: url.href,
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    connectionParams: () => {
      const bearer = token();
      return bearer === null ? {} : { authToken: bearer };
    },
  });
}
