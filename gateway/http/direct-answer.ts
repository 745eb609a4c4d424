import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationTypeNode } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import type { Span } from '../../runtime/tracing.ts';
import type { Engine } from '../engine.ts';
import type { IncrementalPart, PartsListener } from '../execution/deferral.ts';
import type { Result } from '../execution/executor.ts';
import type { Operation } from '../operations/operation.ts';
import { acceptsParts, answerType } from './media-types.ts';
import type { Metrics } from './metrics.ts';
import { graphqlHeaders } from './respond.ts';
import { statusOf } from './status.ts';

export interface DirectRequest {
  readonly engine: Engine;
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly claims: Claims | null;
  /** Told to a client that asked for it. */
  readonly cost: number | null;
  /** Of the answer, with its charset. */
  readonly type: string;
  readonly span: Span | undefined;
}

/**
 * The type in which a request is answered without Apollo Server; null for one that it has to judge. Nearly all requests are a POST of a
 * JSON object with members of the right types: for these, `apollo-parity.int.test.ts` proves that both ways give the same.
 */
export function directType(request: IncomingMessage, body: unknown): string | null {
  if (request.method !== 'POST' || typeof body !== 'object' || body === null) return null;
  const { query, operationName, variables, extensions } = body as Readonly<Record<string, unknown>>;
  // An operation that came as a hash has its text by now.
  if (query !== undefined && typeof query !== 'string') return null;
  if (!isNullOr(operationName, 'string') || !isRecordOrNull(variables) || !isRecordOrNull(extensions)) return null;
  const { accept } = request.headers;
  return answerType(accept) ?? (acceptsParts(accept) ? 'application/json; charset=utf-8' : null);
}

/** Whether an operation has one answer. */
export function isSingle(operation: Operation): boolean {
  return operation.node.operation !== OperationTypeNode.SUBSCRIPTION;
}

/** Runs an operation and sends its answer. True where that tells errors. */
export async function answerDirectly(
  request: IncomingMessage,
  response: ServerResponse,
  direct: DirectRequest,
  metrics: Metrics,
): Promise<boolean> {
  const startedMs = performance.now();
  const { engine, operation, variables, claims, span } = direct;
  const sending = new Sending(request, response, direct);
  const asked = { operation, variables, claims, span };
  if (operation.defers && acceptsParts(request.headers.accept)) await engine.executor.executeInParts(asked, sending);
  else sending.onFirst(await engine.executor.execute(asked), false);
  metrics.operation(operation.node.operation, sending.hasErrors ? 'error' : 'ok', performance.now() - startedMs);
  return sending.hasErrors;
}

/** Sends an answer, in parts where more than one comes. */
class Sending implements PartsListener {
  hasErrors = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #direct: DirectRequest;

  constructor(request: IncomingMessage, response: ServerResponse, direct: DirectRequest) {
    this.#request = request;
    this.#response = response;
    this.#direct = direct;
  }

  onFirst(result: Result, hasNext: boolean): void {
    this.hasErrors = result.errors !== undefined;
    const { cost, type } = this.#direct;
    const response = this.#response;
    if (hasNext) {
      response.writeHead(200, [...graphqlHeaders, 'content-type', partsType]);
      response.write(`\r\n---${partOf(withCost(result, cost), hasNext)}`);
      return;
    }
    const text = `${JSON.stringify(withCost(result, cost))}\n`;
    response.writeHead(result.data === undefined ? statusOf(this.#request, 400, result.errors?.[0]) : 200, [
      ...graphqlHeaders,
      'content-type',
      type,
      'content-length',
      String(Buffer.byteLength(text)),
    ]);
    response.end(text);
  }

  onNext(incremental: readonly IncrementalPart[], hasNext: boolean): void {
    this.hasErrors ||= incremental.some(({ errors }) => errors !== undefined);
    this.#response.write(partOf({ incremental }, hasNext));
    if (!hasNext) this.#response.end();
  }
}

/** The boundary is a single dash, as others that send parts have it. */
const partsType = 'multipart/mixed; boundary="-"; deferSpec=20220824';

/** One part and the boundary after it: a client need not wait for the next to know that this one is whole. */
function partOf(payload: object, hasNext: boolean): string {
  const end = hasNext ? '' : '--';
  return `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify({ ...payload, hasNext })}\r\n---${end}${end && '\r\n'}`;
}

function withCost({ data, errors, extensions }: Result, cost: number | null): Result {
  const told = cost === null ? extensions : { ...extensions, cost };
  // What is undefined is left out by JSON.
  return { errors, data, extensions: told } as Result;
}

function isNullOr(value: unknown, type: string): boolean {
  return value === undefined || value === null || typeof value === type;
}

function isRecordOrNull(value: unknown): boolean {
  return isNullOr(value, 'object') && !Array.isArray(value);
}
