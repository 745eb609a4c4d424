import { ApolloServer, HeaderMap } from '@apollo/server';
import type { ApolloServerOptionsWithGateway, HTTPGraphQLResponse } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { OperationTypeNode } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Logger } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import type { Span } from '../../runtime/tracing.ts';
import type { EngineSource } from '../engine.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { unknownOperation } from '../execution/executor.ts';
import type { Result } from '../execution/executor.ts';
import type { Metrics } from './metrics.ts';

type Options = ApolloServerOptionsWithGateway<RequestContext>;
type GatewayInterface = Options['gateway'];
type SchemaCallback = Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0];
type GatewayExecutor = NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>;

export interface RequestContext {
  readonly claims: Claims | null;
  /** Of the operation, as the request has them: Apollo Server reads those of a URL with `JSON.parse`. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Told to a client that asked for it. */
  readonly cost: number | null;
  readonly span: Span | undefined;
}

export interface ApolloOptions {
  readonly engines: EngineSource;
  /** Called with what tells Apollo Server of another supergraph. */
  readonly onReloadable: (reloaded: () => void) => void;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Apollo Server over the gateway's engine. It speaks GraphQL over HTTP (content negotiation, CSRF prevention, status codes);
 * documents come out of the engine's store, where they were measured and validated, and execution is the engine's.
 */
export function createApolloServer(options: ApolloOptions): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    gateway: createGatewayInterface(options),
    logger: options.logger,
    // A token is another header that no page of another site can make a browser send unasked: what is no bearer token has been refused before.
    csrfPrevention: { requestHeaders: ['x-apollo-operation-name', 'apollo-require-preflight', 'authorization'] },
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    // Introspection is decided by the document store.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    documentStore: documentStoreOf(options.engines),
    // Nothing reports to an outside host, whatever the environment says.
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
  });
}

function createGatewayInterface({ engines, metrics, onReloadable }: ApolloOptions): GatewayInterface {
  const callbacks = new Set<SchemaCallback>();
  const tell = (): void => {
    const { apiSchema, sdl } = engines.current.supergraph;
    for (const callback of callbacks) callback({ apiSchema, coreSupergraphSdl: sdl });
  };
  onReloadable(tell);
  return {
    onSchemaLoadOrUpdate(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    async load() {
      tell();
      return {
        executor: async ({ document, queryHash, request, context }) => {
          const engine = engines.current;
          const operation = engine.selectOperation({ document, hash: queryHash }, request.operationName);
          if (!operation) return { errors: [unknownOperation(request.operationName)] };
          const type = operation.node.operation;
          if (type === OperationTypeNode.SUBSCRIPTION) return { errors: [subscriptionOverPlainHttp()] };
          const startedMs = performance.now();
          const { claims, variables, cost, span } = context as RequestContext;
          const result = await engine.executor.execute({ operation, variables, claims, span });
          metrics.operation(type, result.errors ? 'error' : 'ok', performance.now() - startedMs);
          return withCost(result, cost) as Awaited<ReturnType<GatewayExecutor>>;
        },
      };
    },
    async stop() {
      callbacks.clear();
    },
  };
}

function withCost(result: Result, cost: number | null): Result {
  return cost === null ? result : { ...result, extensions: { ...result.extensions, cost } };
}

function subscriptionOverPlainHttp(): ReturnType<typeof gatewayError> {
  const message =
    'a subscription needs a connection that stays open: use graphql-transport-ws on this path, or accept text/event-stream';
  return gatewayError(message, { code: errorCodes.badRequest });
}

/** Apollo's keys end with the hash of the text. What it would store here is in the engine's store already. */
function documentStoreOf(engines: EngineSource): NonNullable<Options['documentStore']> {
  return {
    get: async (key: string): Promise<DocumentNode | undefined> => engines.current.documents.byHash(key.slice(-64)),
    set: async () => {},
    delete: async () => false,
  };
}

/** One HTTP request through Apollo Server. */
export async function executeOverHttp(
  server: ApolloServer<RequestContext>,
  request: {
    readonly method: string;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly search: string;
    readonly body: unknown;
  } & RequestContext,
): Promise<HTTPGraphQLResponse> {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: request.method, headers, search: request.search, body: request.body },
    context: async () => request,
  });
}
