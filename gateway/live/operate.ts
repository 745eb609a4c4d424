import { OperationTypeNode } from 'graphql';
import type { GraphQLError } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import type { EngineSource } from '../engine.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { unknownOperation } from '../execution/executor.ts';
import type { Metrics } from '../http/metrics.ts';
import type { ApiUsage } from '../usage/api-usage.ts';
import type { LiveHub } from './live-hub.ts';
import type { LiveStream } from './live-stream.ts';

/** An operation as it comes in over a connection that stays open. */
export interface LiveRequest {
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly claims: Claims | null;
  /** Whose limits count: `callerOf`. */
  readonly caller: string;
  /** The cursor after which a subscription goes on; undefined begins now. */
  readonly resume?: unknown;
}

/** Refused before execution, answered once as JSON text, or a stream of such texts. */
export type LiveAnswer =
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] }
  | { readonly kind: 'single'; readonly text: string; readonly hasErrors: boolean }
  | { readonly kind: 'stream'; readonly stream: LiveStream };

export interface OperateOptions {
  readonly engines: EngineSource;
  readonly hub: LiveHub;
  readonly metrics: Metrics;
  /** Undefined where nobody wants to know. */
  readonly usage: ApiUsage | undefined;
}

/** Runs any operation of a WebSocket or SSE client. `queriesOnly` is for requests that must have no effect. */
export async function operate(request: LiveRequest, options: OperateOptions, queriesOnly = false): Promise<LiveAnswer> {
  const { hub, metrics } = options;
  const engine = options.engines.current;
  const startedMs = performance.now();
  const prepared = engine.documents.prepare(request.query);
  if (!prepared.ok) {
    metrics.operation('unknown', 'refused', performance.now() - startedMs);
    return { kind: 'refused', errors: prepared.errors };
  }
  const operation = engine.selectOperation(prepared, request.operationName);
  if (!operation) return { kind: 'refused', errors: [unknownOperation(request.operationName)] };
  const { variables, claims } = request;
  const type = operation.node.operation;
  if (queriesOnly && type === OperationTypeNode.MUTATION) {
    return { kind: 'refused', errors: [gatewayError('a mutation needs POST', { code: errorCodes.badRequest })] };
  }
  if (type === OperationTypeNode.SUBSCRIPTION) {
    const { caller, resume } = request;
    const stream = await hub.subscribe({ operation, variables, claims }, { caller, resume: resume ?? undefined });
    const refused = !('next' in stream);
    metrics.operation(type, refused ? 'refused' : 'ok', performance.now() - startedMs);
    return refused ? { kind: 'refused', errors: stream } : { kind: 'stream', stream };
  }
  const result = await engine.executor.execute({ operation, variables, claims });
  metrics.operation(type, result.errors ? 'error' : 'ok', performance.now() - startedMs);
  if (result.data === undefined) return { kind: 'refused', errors: result.errors ?? [] };
  return { kind: 'single', text: JSON.stringify(result), hasErrors: result.errors !== undefined };
}
