import { GraphQLError } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { Logger } from 'pino';
import { errorCodes } from '../errors.ts';
import { SubgraphUnavailableError } from './transport.ts';
import type { SubgraphAuth, SubgraphResponseError, SubgraphTransport } from './transport.ts';

/** Executes an operation in this process, with documents that it remembers and a context of its own for each request. */
export type InProcessExecutor = (
  request: {
    readonly query: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly operationName: string | null;
  },
  auth: SubgraphAuth,
) => Promise<ExecutionResult>;

export interface InProcessOptions {
  readonly name: string;
  readonly execute: InProcessExecutor;
  readonly logger: Logger;
}

/** A subgraph in this process: its schema executed directly, with no HTTP and no JSON between. */
export function createInProcessTransport({ name, execute, logger }: InProcessOptions): SubgraphTransport {
  return {
    async execute({ query, variables, operationName, auth }) {
      let result: ExecutionResult;
      try {
        result = await execute({ query, variables, operationName: operationName ?? null }, auth);
      } catch (error) {
        throw new SubgraphUnavailableError(`the subgraph ${name} failed`, { cause: error });
      }
      return {
        data: result.data,
        errors: result.errors?.map((error) => presentable(error, name, logger)),
        extensions: result.extensions,
      };
    },
    close: async () => {},
  };
}

/** What a resolver throws on purpose is a GraphQLError; anything else is a bug or an outage, which the log gets and the client does not. */
function presentable(error: GraphQLError, subgraph: string, logger: Logger): SubgraphResponseError {
  const path = error.path === undefined ? {} : { path: error.path };
  const original = error.originalError;
  if (original != null && !(original instanceof GraphQLError)) {
    logger.error({ err: original, subgraph, path: error.path }, 'a resolver failed');
    return { message: 'internal error', ...path, extensions: { code: errorCodes.internal } };
  }
  return { message: error.message, ...path, extensions: error.extensions };
}
