import type { GraphiQL } from 'graphiql';
import { getOperationAST, GraphQLError, OperationTypeNode, parse } from 'graphql';
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

/** Where no answer can be had it says why: of what is thrown GraphiQL shows a stack, or `{"isTrusted": true}`. */
async function post(endpoint: URL, operation: Parameters, headers: Record<string, string>): Promise<ExecutionResult> {
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify(operation),
    });
  } catch (error) {
    return fault(
      `The request could not be sent (${error instanceof Error ? error.message : String(error)}): is the server running, and is there nothing but letters, digits and signs in the headers?`,
    );
  }
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecutionResult;
  } catch {
    return fault(`The answer (HTTP ${response.status}) is not GraphQL: ${text.slice(0, 200)}`);
  }
}

/** Close codes by which the server refuses the token: the same one would be refused again. */
const refusedCodes: readonly unknown[] = [4401, 4403];

function subscribe(
  endpoint: URL,
  { query, operationName, variables }: Parameters,
  connectionParams: Record<string, string>,
): AsyncIterableIterator<ExecutionResult> {
  const url = new URL(endpoint);
  url.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  const shouldRetry = (event: unknown): boolean => event instanceof CloseEvent && !refusedCodes.includes(event.code);
  const client = createClient({ url: url.href, connectionParams, shouldRetry });
  const payload = {
    query,
    operationName: operationName ?? null,
    variables: variables as Record<string, unknown> | null,
  };
  const events = client.iterate(payload) as AsyncIterableIterator<ExecutionResult>;
  // No generator: one that waits for an event could not be stopped.
  return {
    next: () => events.next().catch((reason: unknown) => ({ value: endOf(reason, url), done: false })),
    return: async () => (await events.return?.()) ?? { value: undefined, done: true },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function endOf(reason: unknown, url: URL): ExecutionResult {
  if (Array.isArray(reason)) return { errors: reason as readonly GraphQLError[] };
  if (reason instanceof CloseEvent)
    return fault(`The server closed the connection: ${reason.reason || 'no reason given'} (${reason.code})`);
  if (reason instanceof Error) return fault(reason.message);
  return fault(`No connection to ${url.href}: is the server running?`);
}

function fault(message: string): ExecutionResult {
  return { errors: [new GraphQLError(message)] };
}

function stringsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
