import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { signGatewayRequest } from '../../runtime/gateway-signature.ts';
import { HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { Deadline } from './deadline.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphRequest, SubgraphResponse, SubgraphResponseError, SubgraphTransport } from './transport.ts';

export interface HttpTransportOptions {
  /** Named in errors; the URL never is. */
  readonly name: string;
  readonly url: string;
  /** Shared with the subgraph. Without it requests carry no claims and no signature, as befits somebody else's subgraph. */
  readonly secret?: string | undefined;
  readonly timeoutMs?: number;
  readonly connectionsMax?: number;
  /** Bytes of one answer. */
  readonly responseBytesMax?: number;
  readonly clock?: () => number;
}

/** Connection errors after which the subgraph cannot have acted on an idempotent request in a way that matters. */
const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);
/** Characters of query text whose JSON is kept, so that it is not escaped anew for each request. */
const queryCharactersMax = 4_000_000;

/** A subgraph behind HTTP, on kept-alive connections. An idempotent request is sent once more after a connection error. */
export function createHttpTransport(options: HttpTransportOptions): SubgraphTransport {
  const url = new URL(options.url);
  const pool = new Pool(url.origin, {
    connections: options.connectionsMax ?? 64,
    keepAliveTimeout: 30_000,
    headersTimeout: options.timeoutMs ?? 20_000,
    bodyTimeout: options.timeoutMs ?? 20_000,
    connect: { timeout: 5_000 },
    maxResponseSize: options.responseBytesMax ?? 64 * 1024 * 1024,
  });
  const path = url.pathname + url.search;
  const bodyOf = createBodies();
  const post = (request: SubgraphRequest, body: string): Promise<SubgraphResponse> =>
    new Promise((resolve, reject) => {
      const headers = headersFor(options, request, body);
      const answer = new Answer(options.name, request.deadline, resolve, reject);
      pool.dispatch({ method: 'POST', path, headers, body }, answer);
    });
  return {
    async execute(request) {
      const body = bodyOf(request);
      try {
        return await post(request, body);
      } catch (error) {
        if (!request.idempotent || !connectionErrors.has(codeOf(error))) throw unavailable(options, request, error);
      }
      try {
        return await post(request, body);
      } catch (error) {
        throw unavailable(options, request, error);
      }
    },
    close: () => pool.close(),
  };
}

/** Collects one answer. Its request is given up when the deadline passes. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #name: string;
  readonly #deadline: Deadline;
  readonly #resolve: (response: SubgraphResponse) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #chunks: Buffer[] = [];

  constructor(
    name: string,
    deadline: Deadline,
    resolve: (response: SubgraphResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#name = name;
    this.#deadline = deadline;
    this.#resolve = resolve;
    this.#reject = reject;
    deadline.on(this.#giveUp);
  }

  readonly #giveUp = (error: Error): void => {
    this.#reject(error);
    this.#controller?.abort(error);
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#deadline.error) controller.abort(this.#deadline.error);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#deadline.off(this.#giveUp);
    const [first] = this.#chunks;
    const bytes = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    try {
      this.#resolve(readAnswer(this.#name, this.#status, bytes.toString('utf8')));
    } catch (error) {
      this.#reject(error);
    }
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

function headersFor(options: HttpTransportOptions, request: SubgraphRequest, body: string): string[] {
  const { handshake, claims } = request.auth;
  const headers = [...plainHeaders, HANDSHAKE_HEADER, handshake];
  if (options.secret === undefined) return headers;
  const nowMs = options.clock?.() ?? Date.now();
  const signature = signGatewayRequest({ secret: options.secret, handshake, claims, body, nowMs });
  for (const [name, value] of Object.entries<string>({ ...signature })) headers.push(name, value);
  return headers;
}

/** Anything that is a GraphQL response counts, whatever its status; anything else is an outage. */
function readAnswer(name: string, status: number, text: string): SubgraphResponse {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SubgraphUnavailableError(`the subgraph ${name} answered ${status} without JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && ('data' in value || 'errors' in value)) {
    const { data, errors, extensions } = value as { data?: unknown; errors?: unknown; extensions?: unknown };
    return {
      ...(data === undefined ? {} : { data: isObject(data) ? data : null }),
      ...(errors === undefined || errors === null ? {} : { errors: readErrors(errors) }),
      ...(isObject(extensions) ? { extensions } : {}),
    };
  }
  throw new SubgraphUnavailableError(`the subgraph ${name} answered ${status} without a GraphQL response`);
}

/** What a subgraph calls its errors. What is not of the specification's form is still an error. */
function readErrors(errors: unknown): readonly SubgraphResponseError[] {
  return (Array.isArray(errors) ? errors : [errors]).map((error: unknown): SubgraphResponseError => {
    const { message, path, extensions } = isObject(error) ? error : {};
    return {
      message: typeof message === 'string' ? message : 'an error without a message',
      ...(Array.isArray(path)
        ? { path: path.filter((key) => typeof key === 'string' || typeof key === 'number') }
        : {}),
      ...(isObject(extensions) ? { extensions } : {}),
    };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unavailable({ name }: HttpTransportOptions, { deadline }: SubgraphRequest, error: unknown): unknown {
  if (error instanceof SubgraphUnavailableError || error === deadline.error) return error;
  return new SubgraphUnavailableError(`the subgraph ${name} does not answer`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
