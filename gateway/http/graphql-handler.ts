import { isUtf8 } from 'node:buffer';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApolloServer, HTTPGraphQLResponse } from '@apollo/server';
import { TRACE_ID_HEADER, TRACEPARENT_HEADER } from '../../runtime/tracing.ts';
import type { Span, Tracing } from '../../runtime/tracing.ts';
import { parseExactly } from '../../schema/events/exact-json.ts';
import type { EngineSource } from '../engine.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { authenticate } from '../identity/bearer.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { LiveEvents } from '../live/sse.ts';
import { callerOf } from '../identity/caller.ts';
import type { Admission, AdmissionRequest } from '../operations/admission.ts';
import { executeOverHttp } from './apollo.ts';
import type { RequestContext } from './apollo.ts';
import { answerDirectly, directType, isSingle } from './direct-answer.ts';
import { charsetOf, isOfType, readBody } from './body.ts';
import { requestFault, setFaultHeaders } from './faults.ts';
import { acceptsByName, prefersEvents } from './media-types.ts';
import type { Metrics } from './metrics.ts';
import { textOf } from '../operations/persisted.ts';
import type { Operation } from '../operations/operation.ts';
import type { PersistedOperations } from '../operations/persisted.ts';
import type { ApiUsage } from '../usage/api-usage.ts';
import { setRateHeaders } from './rate-headers.ts';
import { statusOf } from './status.ts';
import { sendGraphqlErrors, setSecurityHeaders } from './respond.ts';

export interface GraphqlHandlerOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly engines: EngineSource;
  readonly events: LiveEvents;
  readonly verifier: TokenVerifier;
  readonly metrics: Metrics;
  readonly admission: Admission;
  readonly persisted: PersistedOperations | undefined;
  readonly bodyBytesMax: number;
  /** Undefined where nobody wants to know. */
  readonly usage: ApiUsage | undefined;
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined;
}

/** Turned away with an HTTP status and a GraphQL error. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Answers `/graphql`: who asks, then what is asked, then Apollo Server or a stream of events. */
export async function handleGraphql(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: GraphqlHandlerOptions,
): Promise<void> {
  // A stream of events is no request with an end that somebody waits for.
  if (options.tracing === undefined || prefersEvents(request.headers.accept))
    return answer(request, response, url, options);
  const traceparent = request.headers[TRACEPARENT_HEADER];
  const span = options.tracing.serve('graphql', typeof traceparent === 'string' ? traceparent : undefined, {
    'http.request.method': request.method ?? '',
  });
  response.setHeader(TRACE_ID_HEADER, span.traceId);
  try {
    await answer(request, response, url, options, span);
    span.set({ 'http.response.status_code': response.statusCode });
  } catch (error) {
    span.fail(errorCodes.internal);
    throw error;
  } finally {
    span.end();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: GraphqlHandlerOptions,
  span?: Span,
): Promise<void> {
  const startedMs = performance.now();
  const { usage } = options;
  usage?.watch(request, response);
  try {
    checkMethod(request, response);
    const { authorization } = request.headers;
    const claims = authorization === undefined ? null : await authenticate(options.verifier, authorization);
    usage?.identified(response, claims);
    const body = request.method === 'POST' ? await readJson(request, options.bodyBytesMax) : undefined;
    const source = sourceOf(request, body, url);
    const query = queryOf(source, options.persisted);
    const parameters = parametersOf(source);
    const caller = callerOf(claims, request.socket.remoteAddress);
    const cost = admit(request, response, { caller, query: query ?? '', ...parameters }, options.admission);
    // Without a text Apollo Server says what is missing; a refused one is answered here, with the limit that it broke.
    const engine = options.engines.current;
    const prepared = query === undefined ? undefined : engine.documents.prepare(query);
    const type = prepared?.ok === true ? directType(request, body) : null;
    const operation = prepared?.ok === true ? engine.selectOperation(prepared, parameters.operationName) : undefined;
    if (query !== undefined && isForEvents(request, operation)) {
      setSecurityHeaders(response);
      await options.events.answer(request, response, { query, claims, caller, ...parameters });
      return;
    }
    if (type !== null && operation && isSingle(operation)) {
      const hasErrors = await answerDirectly(
        request,
        response,
        { engine, operation, variables: parameters.variables, claims, cost, type, span },
        options.metrics,
      );
      if (hasErrors) usage?.failed(response);
      return;
    }
    setSecurityHeaders(response);
    if (prepared && !prepared.ok) {
      options.metrics.operation('unknown', 'refused', performance.now() - startedMs);
      sendGraphqlErrors(request, response, statusOf(request, 400, prepared.errors[0]), prepared.errors);
      return;
    }
    const { headers, method = 'GET' } = request;
    const search = withText(url, query);
    const text = isRecord(body) && query !== undefined ? asApolloTakes({ ...body, query }) : body;
    const asked = { method, headers, search, body: text, variables: parameters.variables };
    const given = await executeOverHttp(options.apollo, { ...asked, claims, cost, span });
    if (given.status === 400 && given.body.kind === 'complete')
      given.status = statusOf(request, 400, firstErrorOf(given.body.string));
    await send(response, given);
  } catch (thrown) {
    const error = refusalOf(thrown, options.bodyBytesMax);
    if (error === null) throw thrown;
    options.metrics.operation('unknown', 'refused', performance.now() - startedMs);
    setSecurityHeaders(response);
    setFaultHeaders(response, error.status);
    sendGraphqlErrors(request, response, error.status, [
      gatewayError(error.message, { code: error.code, details: error.details }),
    ]);
  }
}

const faultCodes = {
  401: errorCodes.unauthenticated,
  413: errorCodes.bodyTooLarge,
  503: errorCodes.identityUnavailable,
} as const;

function refusalOf(error: unknown, bytesMax: number): Refusal | null {
  if (error instanceof Refusal) return error;
  const fault = requestFault(error, bytesMax);
  if (!fault) return null;
  const details = fault.status === 413 ? { limit: bytesMax } : {};
  return new Refusal(fault.status, faultCodes[fault.status], fault.message, details);
}

function firstErrorOf(body: string): GraphQLError | undefined {
  return (JSON.parse(body) as { errors?: readonly GraphQLError[] }).errors?.[0];
}

/** A client that wants to know what its operation costs sends this header, with any value. */
const costHeader = 'x-graphql-cost';

/** Charges the caller; the operation's cost, where the client asked for it. Throws a refusal for what may not run now. */
function admit(
  request: IncomingMessage,
  response: ServerResponse,
  asked: AdmissionRequest,
  admission: Admission,
): number | null {
  const wanted = request.headers[costHeader] !== undefined;
  const { error, cost, rate } = admission.admit(asked, wanted);
  if (rate && admission.limiter) setRateHeaders(response, admission.limiter.limit, rate);
  if (!error) return wanted ? cost : null;
  const { code, ...details } = error.extensions;
  const limited = code === errorCodes.rateLimited;
  if (limited) response.setHeader('retry-after', String(rate?.retryAfterS ?? 1));
  throw new Refusal(limited ? 429 : 400, String(code), error.message, details);
}

/** GraphQL over HTTP knows GET and POST; Apollo Server answers HEAD as it does GET, and OPTIONS is for CORS. */
const methods = ['GET', 'POST', 'HEAD', 'OPTIONS'];

function checkMethod({ method = '' }: IncomingMessage, response: ServerResponse): void {
  if (methods.includes(method)) return;
  response.setHeader('allow', 'GET, POST');
  throw new Refusal(405, errorCodes.badRequest, `the method ${method} is not supported: use GET or POST`);
}

/** The body as JSON; undefined where it is of another type, which Apollo Server refuses after its CSRF check. */
async function readJson(request: IncomingMessage, bytesMax: number): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new Refusal(415, errorCodes.badRequest, 'content-encoding: a compressed body is not taken, send it as it is');
  const body = await readBody(request, bytesMax);
  if (!isOfType(request, 'application/json')) return undefined;
  const charset = charsetOf(request) ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8')
    throw new Refusal(415, errorCodes.badRequest, `content-type: JSON is taken in UTF-8, not in ${charset}`);
  // Read as something else, texts would be kept with other characters than were sent.
  if (!isUtf8(body)) throw new Refusal(400, errorCodes.badRequest, 'the body is not UTF-8, as JSON must be');
  try {
    return parseExactly(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new Refusal(400, errorCodes.badRequest, 'the body is not valid JSON');
  }
}

/** A subscription is answered as a stream of events wherever the client takes one: nothing else can carry it. */
function isForEvents({ headers: { accept } }: IncomingMessage, operation: Operation | undefined): boolean {
  if (prefersEvents(accept)) return true;
  return operation?.node.operation === OperationTypeNode.SUBSCRIPTION && acceptsByName(accept, 'text/event-stream');
}

/** Where a request's parameters are. The URL of a POST has none: other sites can make a browser send one with a body that is no JSON. */
function sourceOf({ method }: IncomingMessage, body: unknown, url: URL): Readonly<Record<string, unknown>> {
  if (method === 'POST') return isRecord(body) ? body : {};
  return Object.fromEntries(url.searchParams);
}

function queryOf(
  source: Readonly<Record<string, unknown>>,
  persisted: PersistedOperations | undefined,
): string | undefined {
  const asked = source['extensions'] === undefined ? source : { ...source, extensions: objectOf(source, 'extensions') };
  const text = textOf(asked, persisted);
  if (text instanceof GraphQLError) throw new Refusal(400, String(text.extensions['code']), text.message);
  return text;
}

/**
 * Apollo Server gets the text that a hash stands for, and not the hash: it would look for it in a store of its own. Nor does it get an
 * operation name without a letter, which names none here and one that is not there to it.
 */
function withText(url: URL, query: string | undefined): string {
  if (query === undefined || url.search === '') return url.search;
  return `?${new URLSearchParams({ ...asApolloTakes(Object.fromEntries(url.searchParams)), query }).toString()}`;
}

function asApolloTakes(source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { extensions: _extensions, documentId: _documentId, operationName, ...rest } = source;
  return operationName === undefined || operationName === '' ? rest : { ...rest, operationName };
}

interface Parameters {
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
  readonly resume?: unknown;
}

function parametersOf(source: Readonly<Record<string, unknown>>): Parameters {
  const { operationName } = source;
  return {
    operationName: typeof operationName === 'string' ? operationName : null,
    variables: objectOf(source, 'variables'),
    resume: objectOf(source, 'extensions')['resume'],
  };
}

/** A parameter that is an object: JSON text in a URL, itself in a body. */
function objectOf(source: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  let value = source[name] ?? {};
  try {
    if (typeof value === 'string') value = parseExactly(value) ?? {};
  } catch {
    throw new Refusal(400, errorCodes.badRequest, `${name} is not valid JSON`);
  }
  if (!isRecord(value)) throw new Refusal(400, errorCodes.badRequest, `${name} must be an object`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function send(response: ServerResponse, answer: HTTPGraphQLResponse): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.statusCode = answer.status ?? 200;
  if (answer.body.kind === 'complete') {
    response.end(answer.body.string);
    return;
  }
  for await (const chunk of answer.body.asyncIterator) response.write(chunk);
  response.end();
}
