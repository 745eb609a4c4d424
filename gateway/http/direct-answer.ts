import type { IncomingMessage, ServerResponse } from 'node:http';
import { OperationTypeNode } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import type { Span } from '../../runtime/tracing.ts';
import type { Engine } from '../engine.ts';
import type { Operation } from '../operations/operation.ts';
import { answerType } from './media-types.ts';
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
  return answerType(request.headers.accept);
}

/** Whether an operation has one answer. */
export function isSingle(operation: Operation): boolean {
  return operation.node.operation !== OperationTypeNode.SUBSCRIPTION;
}

/** Runs an operation and sends its answer. True where that tells errors. */
export async function answerDirectly(
  request: IncomingMessage,
  response: ServerResponse,
  { engine, operation, variables, claims, cost, type, span }: DirectRequest,
  metrics: Metrics,
): Promise<boolean> {
  const startedMs = performance.now();
  const { data, errors, extensions } = await engine.executor.execute({ operation, variables, claims, span });
  metrics.operation(operation.node.operation, errors ? 'error' : 'ok', performance.now() - startedMs);
  const told = cost === null ? extensions : { ...extensions, cost };
  const text = `${JSON.stringify({ errors, data, extensions: told })}\n`;
  response.writeHead(data === undefined ? statusOf(request, 400, errors?.[0]) : 200, [
    ...graphqlHeaders,
    'content-type',
    type,
    'content-length',
    String(Buffer.byteLength(text)),
  ]);
  response.end(text);
  return errors !== undefined;
}

function isNullOr(value: unknown, type: string): boolean {
  return value === undefined || value === null || typeof value === type;
}

function isRecordOrNull(value: unknown): boolean {
  return isNullOr(value, 'object') && !Array.isArray(value);
}
