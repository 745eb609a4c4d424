import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { CLOCK_HEADER } from '../../runtime/gateway-signature.ts';
import type { SignatureHeaders } from '../../runtime/gateway-signature.ts';
import { TRACEPARENT_HEADER } from '../../runtime/tracing.ts';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { BoundedMap } from '../bounded-map.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerOptions } from './circuit-breaker.ts';
import type { Deadline } from './deadline.ts';
import { readGraphqlResponse } from './graphql-response.ts';
import { RetryBudget } from './retry-budget.ts';
import { SharedQueries } from './shared-queries.ts';
import type { SendQuery, SharedAnswer } from './shared-queries.ts';
import { SubgraphClock } from './subgraph-clock.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphTransport } from './transport.ts';
import { createUpstreams } from './upstream.ts';

export interface HttpTransportOptions {
  /** Named in errors; the URL never is. */
  readonly name: string;
  readonly url: string;
  /** Shared with the subgraph. Without it requests carry no claims and no signature, as befits somebody else's subgraph. */
  readonly secret?: string | undefined;
  /** Default 20,000. */
  readonly timeoutMs?: number | undefined;
  readonly connectionsMax?: number;
  /** Bytes of one answer. */
  readonly responseBytesMax?: number;
  readonly clock?: () => number;
  /** Told, once each time it changes, how many milliseconds the subgraph's clock is ahead of this one, where it refused a signature for that. */
  readonly onClockDifference?: (differenceMs: number) => void;
  /** Where subscriptions to it go, by WebSocket or server-sent events. Unset, they do not come from it. */
  readonly subscriptionUrl?: string | undefined;
  /** When a subgraph that fails is left alone. */
  readonly circuit?: CircuitBreakerOptions;
}

/** How long a subgraph may take to begin its answer, and between two parts of it, in milliseconds. */
const timeoutMsDefault = 20_000;

/** Connection errors after which the subgraph cannot have acted on an idempotent request in a way that matters. */
const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);
/** Statuses by which a server, or a proxy before it, says that it is a matter of the moment. */
const passingStatuses = new Set([429, 502, 503, 504]);
/** How often an idempotent request is sent at most, the first time included. */
const attemptsMax = 3;
/** Upper bound of the wait before the second attempt, in milliseconds; it doubles from there. */
const backoffMs = 25;
/** Characters of query text whose JSON is kept, so that it is not escaped anew for each request. */
const queryCharactersMax = 4_000_000;

/** The subgraph, or what stands before it, gave no GraphQL answer; `isPassing` where the same may succeed a moment later. */
class NoAnswerError extends SubgraphUnavailableError {
  readonly isPassing: boolean;
  constructor(message: string, options: ErrorOptions & { retryAfterMs: number | null; isPassing: boolean }) {
    super(message, options);
    this.isPassing = options.isPassing;
  }
}

/** The subgraph refused a request for the time of its signature, and proved what its own clock says. It did nothing, so that even a mutation may be sent again. */
class OtherClockError extends NoAnswerError {}

/** Codes by which our own subgraphs refuse a gateway: no caller can do anything about them. */
const refusalCodes: ReadonlySet<unknown> = new Set(['SIGNATURE_REQUIRED', 'HANDSHAKE_REQUIRED']);

/**
 * A subgraph behind HTTP, on kept-alive connections. An idempotent request is sent again, after a random wait and within a budget, when its
 * connection broke or the subgraph says that it is a matter of the moment. A subgraph that keeps failing is not asked for a while.
 */
export function createHttpTransport(options: HttpTransportOptions): SubgraphTransport {
  const { name } = options;
  const url = new URL(options.url);
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  const responseBytesMax = options.responseBytesMax ?? 64 * 1024 * 1024;
  const upstreams =
    options.subscriptionUrl === undefined
      ? null
      : createUpstreams({ name, url: options.subscriptionUrl, timeoutMs, eventBytesMax: responseBytesMax });
  const pool = new Pool(url.origin, {
    connections: options.connectionsMax ?? 64,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: Math.min(timeoutMs, 5_000) },
    maxResponseSize: responseBytesMax,
  });
  const path = url.pathname + url.search;
  const bodyOf = createBodies();
  const breaker = new CircuitBreaker(options.circuit);
  const budget = new RetryBudget();
  const counts = { retries: 0, refused: 0 };
  const { secret, clock, onClockDifference: onDifference } = options;
  const signer = secret === undefined ? null : new SubgraphClock({ secret, subgraph: name, clock, onDifference });
  const post = createPost(name, { pool, path, signer });
  const attempt = async (request: SubgraphRequest, body: string): Promise<SharedAnswer> => {
    const waitMs = breaker.admit();
    if (waitMs !== null) {
      counts.refused += 1;
      throw new SubgraphUnavailableError(`the subgraph ${name} does not answer and is left alone for a moment`, {
        retryAfterMs: waitMs,
      });
    }
    try {
      const response = await post(request, body);
      breaker.succeed();
      return response;
    } catch (error) {
      if (error === request.deadline.error) breaker.forget();
      else breaker.fail(error instanceof NoAnswerError ? (error.retryAfterMs ?? 0) : 0);
      throw error;
    }
  };
  const send = createRepeater(options, { attempt, budget, onRepeat: () => (counts.retries += 1) });
  const queries = new SharedQueries(send);
  return {
    async execute(request) {
      const body = bodyOf(request);
      // A trace holds all that was done for it, so what is traced is sent for itself.
      if (!request.idempotent || request.traceparent !== undefined) return (await send(request, body)).response;
      const { claims } = request.auth;
      const isTold = options.secret !== undefined && claims !== null;
      return queries.ask(isTold ? `${JSON.stringify(claims)} ${body}` : body, request, body);
    },
    ...(upstreams && { subscribe: (request, listener) => upstreams.subscribe(request, listener) }),
    health: () => ({
      circuit: breaker.state,
      shared: queries.saved,
      clockDifferenceMs: signer?.differenceMs ?? 0,
      ...counts,
    }),
    close() {
      upstreams?.close();
      return pool.close();
    },
  };
}

interface Connection {
  readonly pool: Pool;
  readonly path: string;
  readonly signer: SubgraphClock | null;
}

/** Sends a request; again where it was refused for the time of its signature, now that the subgraph's time is known. */
function createPost(name: string, { pool, path, signer }: Connection): SendQuery {
  const once: SendQuery = (request, body) =>
    new Promise((resolve, reject) => {
      const signed = signer?.sign(request.auth, body) ?? null;
      const answer = new Answer({ name, signer, signed, deadline: request.deadline }, resolve, reject);
      pool.dispatch({ method: 'POST', path, headers: headersFor(request, signed), body }, answer);
    });
  return async (request, body) => {
    try {
      return await once(request, body);
    } catch (error) {
      if (!(error instanceof OtherClockError) || request.deadline.error) throw error;
      return once(request, body);
    }
  };
}

interface Repeater {
  /** Sends a request once. */
  readonly attempt: SendQuery;
  readonly budget: RetryBudget;
  readonly onRepeat: () => void;
}

/** Sends a request, and again where that may help and the budget has it. */
function createRepeater(options: HttpTransportOptions, { attempt, budget, onRepeat }: Repeater): SendQuery {
  return async (request, body) => {
    budget.earn();
    for (let sent = 1; ; sent += 1) {
      try {
        return await attempt(request, body);
      } catch (error) {
        const mayRepeat = request.idempotent && sent < attemptsMax && isPassing(error);
        if (!mayRepeat || !budget.spend()) throw unavailable(options, request, error);
      }
      onRepeat();
      await pause(randomInt(backoffMs * 2 ** (sent - 1) + 1));
      if (request.deadline.error) throw request.deadline.error;
    }
  };
}

/** Whether the same request may succeed a moment later. One that the subgraph wants later than that is not sent again. */
function isPassing(error: unknown): boolean {
  return error instanceof NoAnswerError ? error.isPassing && error.retryAfterMs === null : isConnectionError(error);
}

function isConnectionError(error: unknown): boolean {
  return connectionErrors.has(codeOf(error));
}

/** Whom an answer is from, and what its request was signed with; null where nothing is signed. */
interface AnswerSource {
  readonly name: string;
  readonly deadline: Deadline;
  readonly signer: SubgraphClock | null;
  readonly signed: SignatureHeaders | null;
}

/** Collects one answer. Its request is given up when the deadline passes. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #source: AnswerSource;
  readonly #deadline: Deadline;
  readonly #resolve: (answer: SharedAnswer) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #retryAfterMs: number | null = null;
  #isOtherClock = false;
  #chunks: Buffer[] = [];

  constructor(source: AnswerSource, resolve: (answer: SharedAnswer) => void, reject: (error: unknown) => void) {
    this.#source = source;
    this.#deadline = source.deadline;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline.on(this.#giveUp);
  }

  readonly #giveUp = (error: Error): void => {
    this.#reject(error);
    this.#controller?.abort(error);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#deadline.error) controller.abort(this.#deadline.error);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.#status = status;
    if (status < 400) return;
    this.#retryAfterMs = readRetryAfter(headers['retry-after']);
    const { signer, signed } = this.#source;
    const proof = headers[CLOCK_HEADER];
    this.#isOtherClock = typeof proof === 'string' && signed !== null && signer?.learn(signed, proof) === true;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#deadline.off(this.#giveUp);
    const [first] = this.#chunks;
    const bytes = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    try {
      const { name, signer } = this.#source;
      const answer = readAnswer(name, this.#status, this.#retryAfterMs, bytes.toString('utf8'));
      if (signer !== null) this.#throwIfRefused(answer);
      this.#resolve(answer);
    } catch (error) {
      this.#reject(error);
    }
  }

  /** That our own subgraph does not believe this gateway is an outage to the caller; why is for the log. */
  #throwIfRefused({ response }: SharedAnswer): void {
    if (this.#status !== 401 && this.#status !== 451) return;
    const refusal = response.errors?.find(({ extensions }) => refusalCodes.has(extensions?.['code']));
    if (!refusal) return;
    const Refusal = this.#isOtherClock ? OtherClockError : NoAnswerError;
    throw new Refusal(`the subgraph ${this.#source.name} does not accept requests of this gateway`, {
      cause: new Error(refusal.message),
      retryAfterMs: null,
      isPassing: false,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#deadline.off(this.#giveUp);
    this.#reject(error);
  }
}

/** Makes request bodies. What of them is the same each time is made once. */
function createBodies(): (request: SubgraphRequest) => string {
  const prefixes = new BoundedMap<string>({ weightMax: queryCharactersMax });
  return ({ query, operationName, variables, variablesJson }) => {
    let prefix = prefixes.get(query);
    if (prefix === undefined) {
      prefix = `{"query":${JSON.stringify(query)},"variables":`;
      prefixes.set(query, prefix, query.length);
    }
    const name = operationName === undefined ? '' : `,"operationName":${JSON.stringify(operationName)}`;
    return `${prefix}${variablesJson ?? JSON.stringify(variables)}${name}}`;
  };
}

const plainHeaders = [
  'content-type',
  'application/json',
  'accept',
  'application/graphql-response+json, application/json;q=0.9',
];

function headersFor({ auth, traceparent }: SubgraphRequest, signed: SignatureHeaders | null): string[] {
  const headers = [...plainHeaders, HANDSHAKE_HEADER, auth.handshake];
  if (traceparent !== undefined) headers.push(TRACEPARENT_HEADER, traceparent);
  for (const [name, value] of Object.entries<string>({ ...signed })) headers.push(name, value);
  return headers;
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now; null for anything else. */
function readRetryAfter(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}

/** Anything that is a GraphQL response counts, whatever its status; anything else is an outage. */
function readAnswer(name: string, status: number, retryAfterMs: number | null, text: string): SharedAnswer {
  const outage = (what: string, cause?: unknown): NoAnswerError =>
    new NoAnswerError(`the subgraph ${name} answered ${status} without ${what}`, {
      cause,
      retryAfterMs,
      isPassing: passingStatuses.has(status),
    });
  const read = (): SubgraphResponse => {
    const response = readGraphqlResponse(parseExactly(text));
    if (response === null) throw outage('a GraphQL response');
    return response;
  };
  try {
    return { response: read(), copy: read };
  } catch (error) {
    throw error instanceof NoAnswerError ? error : outage('JSON', error);
  }
}

function unavailable({ name }: HttpTransportOptions, { deadline }: SubgraphRequest, error: unknown): unknown {
  if (error instanceof SubgraphUnavailableError || error === deadline.error) return error;
  return new SubgraphUnavailableError(`the subgraph ${name} does not answer`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
