import {
  AuthenticationError,
  type GraphQLFault,
  GraphQLRequestError,
  HttpError,
  NetworkError,
  RateLimitError,
} from './errors.ts';
import { serverWaitMs } from './rate-limit.ts';

/** A GraphQL result as it travels. */
export interface GraphQLAnswer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFault[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface HttpRequest {
  readonly endpoint: URL;
  readonly fetch: typeof fetch;
  readonly token: string | null;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Told how long the server wants to be left alone, where an answer says so. */
  readonly onServerWait: (ms: number) => void;
}

/** What no header can carry. `fetch` throws at it as it does where no server answers. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/** Sends one operation once and gives the data of its answer, or throws what `Client.request` promises. */
export async function post(request: HttpRequest): Promise<unknown> {
  if (request.token !== null && unsendable.test(request.token.trim()))
    throw new AuthenticationError(
      [
        {
          message:
            'the token has characters that no token has (a line break, "…"): it must be the whole token and nothing else',
        },
      ],
      null,
      401,
    );
  const { status, headers, text } = await exchange(request);
  const waitMs = serverWaitMs(headers, Date.now());
  if (waitMs !== null) request.onServerWait(waitMs);
  const answer = parse(text);
  const { data, errors = [] } = answer ?? {};
  const faults = errors.length > 0 ? errors : [{ message: `HTTP ${status}` }];
  if (status === 401) throw new AuthenticationError(faults, data, status);
  if (status === 429) throw new RateLimitError(faults, data, waitMs);
  if (errors.length > 0) throw new GraphQLRequestError(errors, data, status);
  if (answer === null || status >= 400)
    throw new HttpError(
      status,
      `the answer (HTTP ${status}) is not GraphQL: is ${request.endpoint.href} the right address?`,
    );
  return data;
}

async function exchange({
  endpoint,
  fetch: send,
  token,
  body,
  signal,
}: HttpRequest): Promise<{ status: number; headers: Headers; text: string }> {
  try {
    const response = await send(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      signal,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new NetworkError(`no answer from ${endpoint.host}`, { cause });
  }
}

function parse(text: string): GraphQLAnswer | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value)
      ? (value as GraphQLAnswer)
      : null;
  } catch {
    return null;
  }
}
