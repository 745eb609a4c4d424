import { GraphQLError } from 'graphql';
import { nestsDeeper } from '../../schema/nesting.ts';
import type { ResponsePath } from '../errors.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { levelsMax } from './data.ts';
import { responseKeyOf } from '../supergraph/contested-keys.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import type { SubgraphResponseError } from '../transports/transport.ts';

/** What subgraphs put into `extensions` that tells of their insides. */
const hiddenExtensions = new Set([
  'stacktrace',
  'exception',
  'serviceName',
  'service',
  'http',
  'debug',
  'query',
  'variables',
]);
/** Keys that only the planner uses; a path ends before them. */
const internalKey = /^_internal_qp_alias_/;

/** A subgraph's error as a client may see it, at a place of the client's response where it has one. */
export function toClientError(subgraph: string, error: SubgraphResponseError, path: ResponsePath | null): GraphQLError {
  const extensions: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error.extensions ?? {}))
    if (!hiddenExtensions.has(key) && !nestsDeeper(value, levelsMax)) extensions[key] = value;
  extensions['code'] ??= errorCodes.subgraphError;
  extensions['subgraph'] = subgraph;
  return new GraphQLError(error.message, { path: path && clientPath(path), extensions });
}

/** A fetch that gave no answer at all, at a place that stays empty for it. */
export function toFetchError(subgraph: string, cause: unknown, path: ResponsePath): GraphQLError {
  if (cause instanceof GraphQLError) {
    return new GraphQLError(cause.message, { path: clientPath(path), extensions: { ...cause.extensions, subgraph } });
  }
  const known = cause instanceof SubgraphUnavailableError ? cause : null;
  const message = known?.message ?? `the subgraph ${subgraph} does not answer`;
  const hint = known?.retryAfterMs == null ? {} : { retryAfterS: Math.ceil(known.retryAfterMs / 1_000) };
  const details = { ...hint, subgraph };
  return gatewayError(message, { code: errorCodes.subgraphUnavailable, path: clientPath(path), details });
}

/** An answer of another shape than what was asked for, at a place that stays empty for it. */
export function toShapeError(subgraph: string, message: string, path: ResponsePath): GraphQLError {
  return gatewayError(message, {
    code: errorCodes.invalidSubgraphData,
    path: clientPath(path),
    details: { subgraph },
  });
}

function clientPath(path: ResponsePath): ResponsePath {
  const internal = path.findIndex((key) => typeof key === 'string' && internalKey.test(key));
  const visible = internal < 0 ? path : path.slice(0, internal);
  return visible.map((key) => (typeof key === 'string' ? responseKeyOf(key) : key));
}
