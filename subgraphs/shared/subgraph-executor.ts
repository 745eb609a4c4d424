import { randomUUID } from 'node:crypto';
import { type DocumentNode, type ExecutionResult, GraphQLError, execute, parse, validate } from 'graphql';
import { LogUnavailableError } from '../../engines/event-log/port.ts';
import { StoreUnavailableError } from '../../engines/graph-store/port.ts';
import { WarehouseUnavailableError } from '../../engines/warehouse/port.ts';
import type { Claims } from '../../runtime/identity.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type SubgraphDependencies, createContext } from './context.ts';
import type { Subgraph } from './subgraph.ts';

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
  /** The gateway's span that waits for the answer. */
  readonly traceparent?: string | undefined;
}

/** Executes one operation with the rights of verified claims. Never rejects: whatever goes wrong is in the result's errors. */
export type SubgraphExecutor = (request: SubgraphRequest, claims: Claims | null) => Promise<ExecutionResult>;

/** The gateway's plans are few and repeat: each operation is parsed and validated once while it is among the newest. */
const documentsMax = 1_000;

/** The executor of a subgraph, behind HTTP (`subgraph-server.ts`) or called by the gateway in the same process. */
export function createSubgraphExecutor(subgraph: Subgraph, dependencies: SubgraphDependencies): SubgraphExecutor {
  const documents = new Map<string, DocumentNode>();
  const documentOf = (query: string): DocumentNode | readonly GraphQLError[] => {
    const known = documents.get(query);
    const document = known ?? parse(query, { noLocation: true });
    const faults = known ? [] : validate(subgraph.schema, document);
    if (faults.length > 0) return faults;
    documents.delete(query);
    documents.set(query, document);
    if (documents.size > documentsMax) documents.delete(documents.keys().next().value as string);
    return document;
  };
  const spanName = `subgraph ${subgraph.name}`;
  const attributes = { 'vcos.subgraph': subgraph.name };
  const run = async (request: SubgraphRequest, claims: Claims | null, traceId?: string): Promise<ExecutionResult> => {
    const mask = (error: GraphQLError): GraphQLError =>
      maskError(error, { subgraph: subgraph.name, traceId, logger: dependencies.logger });
    try {
      const document = documentOf(request.query);
      if (!('kind' in document)) return { errors: document };
      const result = await execute({
        schema: subgraph.schema,
        document,
        variableValues: request.variables ?? null,
        operationName: request.operationName ?? null,
        contextValue: await createContext(dependencies, claims),
      });
      if (!result.errors) return result;
      return { ...result, errors: result.errors.map(mask) };
    } catch (error) {
      const known =
        error instanceof GraphQLError ? error : new GraphQLError('failed', { originalError: error as Error });
      return { errors: [mask(known)] };
    }
  };
  return async (request, claims) => {
    const span = dependencies.tracing?.serve(spanName, request.traceparent, attributes);
    const result = await run(request, claims, span?.traceId);
    if (result.errors) span?.fail(result.errors[0]?.extensions['code']);
    span?.end();
    return result;
  };
}

/** What a caller may try again later. */
const outages = [
  { error: StoreUnavailableError, engine: 'store' },
  { error: LogUnavailableError, engine: 'event log' },
  { error: WarehouseUnavailableError, engine: 'warehouse' },
] as const;

/** Errors that resolvers throw on purpose pass. Anything else is a bug or an outage: it is logged whole, and told as an id to look for. */
function maskError(
  error: GraphQLError,
  { subgraph, traceId, logger }: { subgraph: string; traceId: string | undefined; logger: Logger },
): GraphQLError {
  const original = error.originalError;
  if (original === undefined || original instanceof GraphQLError) return error;
  const errorId = randomUUID();
  logger.error({ err: original, errorId, traceId, subgraph, path: error.path }, 'a resolver failed');
  const away = outages.find(({ error: Outage }) => original instanceof Outage);
  const message = away
    ? `the ${away.engine} cannot be reached or written just now: try again later`
    : 'something went wrong on our side';
  const extensions = { code: away ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR', errorId };
  return new GraphQLError(`${message} (error ${errorId})`, {
    nodes: error.nodes ?? null,
    path: error.path ?? null,
    extensions,
  });
}
