import type { SubgraphResponse, SubgraphResponseError } from './transport.ts';

/** What a subgraph sent, as a GraphQL response; null where it is none. */
export function readGraphqlResponse(value: unknown): SubgraphResponse | null {
  if (!isObject(value) || !('data' in value || 'errors' in value)) return null;
  const { data, errors, extensions } = value;
  return {
    ...(data === undefined ? {} : { data: isObject(data) ? data : null }),
    ...(errors === undefined || errors === null ? {} : { errors: readErrors(errors) }),
    ...(isObject(extensions) ? { extensions } : {}),
  };
}

/** What a subgraph calls its errors. What is not of the specification's form is still an error. */
export function readErrors(errors: unknown): readonly SubgraphResponseError[] {
  return (Array.isArray(errors) ? errors : [errors]).map((error: unknown): SubgraphResponseError => {
    const { message, path, extensions } = isObject(error) ? error : {};
    return {
      message: typeof message === 'string' ? message : 'an error without a message',
      ...(Array.isArray(path)
        ? { path: path.filter((key) => typeof key === 'string' || typeof key === 'number') }
        : {}),
      ...(isObject(extensions) ? { extensions } : {}),
    };
  });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
