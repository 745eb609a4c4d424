import { execute, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { BoundedMap } from '../bounded-map.ts';
import { errorCodes } from '../errors.ts';
import type { SubgraphAuth, SubgraphResponseError, SubgraphTransport } from './transport.ts';

export interface InProcessOptions {
  /** Built with `buildSubgraphSchema`. */
  readonly schema: GraphQLSchema;
  /** Makes the context of one request, with its own loaders. */
  readonly context: (auth: SubgraphAuth) => unknown;
  readonly logger: Logger;
  /** Characters of query text to remember documents of. */
  readonly charactersMax?: number;
}

/** A subgraph in this process: its schema executed directly, with no HTTP and no JSON between. */
export function createInProcessTransport(options: InProcessOptions): SubgraphTransport {
  const documents = new BoundedMap<DocumentNode>({ weightMax: options.charactersMax ?? 4_000_000 });
  const documentOf = (query: string): DocumentNode | readonly GraphQLError[] => {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query, { noLocation: true });
    const errors = validate(options.schema, document);
    if (errors.length > 0) return errors;
    documents.set(query, document, query.length);
    return document;
  };
  return {
    async execute(request) {
      const document = documentOf(request.query);
      if (!('kind' in document))
        return {
          errors: document.map((error) => ({
            message: error.message,
            extensions: { code: errorCodes.validationFailed },
          })),
        };
      const result = (await execute({
        schema: options.schema,
        document,
        contextValue: options.context(request.auth),
        variableValues: request.variables,
        operationName: request.operationName ?? null,
      })) as ExecutionResult<Record<string, unknown>>;
      return {
        data: result.data,
        errors: result.errors?.map((error) => presentable(error, options.logger)),
        extensions: result.extensions,
      };
    },
    close: async () => {},
  };
}

/** What a resolver throws on purpose is a GraphQLError; anything else is a bug or an outage, which the log gets and the client does not. */
function presentable(error: GraphQLError, logger: Logger): SubgraphResponseError {
  const path = error.path === undefined ? {} : { path: error.path };
  const original = error.originalError;
  if (original != null && !(original instanceof GraphQLError)) {
    logger.error({ err: original, path: error.path }, 'a resolver failed');
    return { message: 'internal error', ...path, extensions: { code: errorCodes.internal } };
  }
  return { message: error.message, ...path, extensions: error.extensions };
}
