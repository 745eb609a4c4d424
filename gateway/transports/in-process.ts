import { GraphQLError } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import { errorCodes } from '../errors.ts';
import type { SubgraphResponseError, SubgraphTransport } from './transport.ts';

/**
 * Executes an operation in this process with the rights of verified claims. It keeps its own documents, gives each request a
 * context of its own, and logs its bugs.
 */
export type InProcessExecutor = (
  request: {
    readonly query: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly operationName: string | null;
    readonly traceparent: string | undefined;
  },
  claims: Claims | null,
) => Promise<ExecutionResult>;

/** A subgraph in this process: its schema executed directly, with no HTTP and no JSON between. */
export function createInProcessTransport(execute: InProcessExecutor): SubgraphTransport {
  return {
    async execute({ query, variables, operationName, auth, deadline, traceparent }) {
      const running = execute({ query, variables, operationName: operationName ?? null, traceparent }, auth.claims);
      const result = await deadline.within(running);
      return { data: result.data, errors: result.errors?.map(presentable), extensions: result.extensions };
    },
    close: async () => {},
  };
}

/** What a resolver throws on purpose is a GraphQLError; the message of anything else may tell of the insides. */
function presentable(error: GraphQLError): SubgraphResponseError {
  const path = error.path === undefined ? {} : { path: error.path };
  const original = error.originalError;
  const onPurpose = original === undefined || original instanceof GraphQLError;
  if (!onPurpose) return { message: 'internal error', ...path, extensions: { code: errorCodes.internal } };
  return { message: error.message, ...path, extensions: error.extensions };
}
