import type { GraphiQL } from 'graphiql';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';
import type { ComponentProps } from 'react';

type Fetcher = ComponentProps<typeof GraphiQL>['fetcher'];
type Parameters = globalThis.Parameters<Fetcher>[0];

/** Queries and mutations over HTTP, subscriptions over graphql-transport-ws, with the headers that the editor holds. */
export function createFetcher(endpoint: URL): Fetcher {
  return async (operation, options) => {
    const headers = stringsOf(options?.headers ?? {});
    return isSubscription(operation) ? subscribe(endpoint, operation, headers) : post(endpoint, operation, headers);
  };
}

function isSubscription({ query, operationName }: Parameters): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
  } catch {
    // The server says what is wrong with it.
    return false;
  }
}

async function post(endpoint: URL, operation: Parameters, headers: Record<string, string>): Promise<ExecutionResult> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(operation),
  });
  return (await response.json()) as ExecutionResult;
}

function subscribe(
  endpoint: URL,
  { query, operationName, variables }: Parameters,
  connectionParams: Record<string, string>,
): AsyncIterableIterator<ExecutionResult> {
  const url = new URL(endpoint);
  url.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  const client = createClient({ url: url.href, connectionParams });
  const payload = {
    query,
    operationName: operationName ?? null,
    variables: variables as Record<string, unknown> | null,
  };
  return client.iterate(payload) as AsyncIterableIterator<ExecutionResult>;
}

function stringsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
