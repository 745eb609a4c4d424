/** One entry of a GraphQL answer's `errors`. */
export interface GraphQLFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What everything thrown by this package derives from, except the reason of your own AbortSignal. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError';
}

/** The gateway answered with errors. `data` holds what could be given all the same. */
export class GraphQLRequestError extends ClientError {
  override readonly name: string = 'GraphQLRequestError';
  readonly faults: readonly GraphQLFault[];
  readonly data: unknown;
  /** HTTP status of the answer; 200 for one that came over a WebSocket. */
  readonly status: number;
  constructor(faults: readonly GraphQLFault[], data: unknown, status = 200) {
    super(faults.map((fault) => fault.message).join('; '));
    this.faults = faults;
    this.data = data;
    this.status = status;
  }

  /** `extensions.code` of the first error, like `BAD_USER_INPUT`. */
  get code(): string | null {
    const code = this.faults[0]?.extensions?.['code'];
    return typeof code === 'string' ? code : null;
  }
}

/** The token was refused and no other could be had. */
export class AuthenticationError extends GraphQLRequestError {
  override readonly name = 'AuthenticationError';
}

/** Too many requests, and the server asks for a longer wait than the client is willing to make. */
export class RateLimitError extends GraphQLRequestError {
  override readonly name = 'RateLimitError';
  /** When to try again, in milliseconds from now; null when the server did not say. */
  readonly retryAfterMs: number | null;
  constructor(faults: readonly GraphQLFault[], data: unknown, retryAfterMs: number | null) {
    super(faults, data, 429);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: the server could not be reached or the connection broke. The cause tells more. */
export class NetworkError extends ClientError {
  override readonly name = 'NetworkError';
}

/** Something answered, but not with GraphQL: a proxy's error page, for instance. */
export class HttpError extends ClientError {
  override readonly name = 'HttpError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** No answer within the time given. */
export class TimeoutError extends ClientError {
  override readonly name = 'TimeoutError';
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** A subscription's events came faster than they were read: more than the buffer holds were waiting. */
export class SlowReaderError extends ClientError {
  override readonly name = 'SlowReaderError';
  constructor(bufferMax: number) {
    super(`more than ${bufferMax} events were waiting to be read: read faster, or subscribe to less`);
  }
}
