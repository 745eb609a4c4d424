import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { OperationTypeNode } from 'graphql';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import {
  type ExecutionResult,
  cacheExchange,
  createClient as createUrqlClient,
  fetchExchange,
  subscriptionExchange,
} from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';

type Data = Readonly<Record<string, unknown>>;

/** What every client of GraphQL can do, in the way that its own documentation shows. */
export interface StandardClient {
  readonly query: (text: string, variables: Data) => Promise<unknown>;
  readonly mutate: (text: string, variables: Data) => Promise<unknown>;
  /** The data of the subscription's first event, after which it is left. */
  readonly first: (text: string, variables: Data) => Promise<unknown>;
  readonly close: () => void;
}

interface Address {
  readonly endpoint: string;
  readonly token: string;
}

const bearer = ({ token }: Address) => ({ authorization: `Bearer ${token}` });

function socketTo({ endpoint, token }: Address): ReturnType<typeof createSocketClient> {
  return createSocketClient({
    url: endpoint.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authToken: token },
  });
}

function apolloClient(address: Address): StandardClient {
  const socket = socketTo(address);
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: address.endpoint, headers: bearer(address) }),
    ),
    cache: new InMemoryCache(),
  });
  return {
    query: async (text, variables) => (await client.query({ query: gql(text), variables })).data,
    mutate: async (text, variables) => (await client.mutate({ mutation: gql(text), variables })).data,
    first: (text, variables) =>
      new Promise((resolve, reject) => {
        const subscription = client.subscribe({ query: gql(text), variables }).subscribe({
          next: ({ data, error }) => {
            subscription.unsubscribe();
            if (error) reject(new Error('the event came with errors', { cause: error }));
            else resolve(data);
          },
          error: reject,
        });
      }),
    close: () => {
      client.stop();
      void socket.dispose();
    },
  };
}

function urqlClient(address: Address): StandardClient {
  const socket = socketTo(address);
  const client = createUrqlClient({
    url: address.endpoint,
    preferGetMethod: false,
    fetchOptions: { headers: bearer(address) },
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query, variables: variables as Data },
              { ...sink, next: (result) => sink.next(result as ExecutionResult) },
            ),
          }),
        }),
      }),
    ],
  });
  return {
    query: async (text, variables) => dataOf(await client.query(text, variables).toPromise()),
    mutate: async (text, variables) => dataOf(await client.mutation(text, variables).toPromise()),
    first: async (text, variables) => {
      const { promise, resolve } = Promise.withResolvers<Result>();
      const subscription = client.subscription(text, variables).subscribe(resolve);
      return dataOf(await promise.finally(() => subscription.unsubscribe()));
    },
    close: () => void socket.dispose(),
  };
}

interface Iterating {
  iterate: (operation: {
    readonly query: string;
    readonly variables: Record<string, unknown>;
  }) => AsyncIterable<Result>;
}

/** graphql-ws and graphql-sse: every operation goes the same way. */
function streamingClient(client: Iterating, close: () => void): StandardClient {
  const first = async (query: string, variables: Data): Promise<unknown> => {
    for await (const result of client.iterate({ query, variables })) return dataOf(result);
    throw new Error('it ended without a result');
  };
  return { query: first, mutate: first, first, close };
}

function plainFetch({ endpoint, token }: Address): StandardClient {
  const controller = new AbortController();
  const send = (query: string, variables: Data, accept: string): Promise<Response> =>
    fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
      signal: controller.signal,
    });
  const once = async (query: string, variables: Data): Promise<unknown> =>
    dataOf((await (await send(query, variables, 'application/json')).json()) as Data);
  return {
    query: once,
    mutate: once,
    first: async (query, variables) => {
      const { body } = await send(query, variables, 'text/event-stream');
      let text = '';
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const data = /^event: next\ndata: (.+)\n\n/m.exec(text)?.[1];
        if (data !== undefined) return dataOf(JSON.parse(data) as Data);
      }
      throw new Error(`it ended without an event, after ${text}`);
    },
    close: () => controller.abort(),
  };
}

interface Result {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly errors?: unknown;
}

function dataOf(result: Result): unknown {
  const fault = result.error ?? result.errors;
  if (fault instanceof Error) throw fault;
  if (fault !== undefined) throw new Error(JSON.stringify(fault));
  return result.data;
}

/** By name, how to make each of them. */
export const standardClients: Readonly<Record<string, (address: Address) => StandardClient>> = {
  'Apollo Client': apolloClient,
  urql: urqlClient,
  'graphql-ws': (address) => {
    const socket = socketTo(address);
    return streamingClient(socket, () => void socket.dispose());
  },
  'graphql-sse': (address) => {
    const client = createSseClient({ url: address.endpoint, headers: bearer(address) });
    return streamingClient(client, () => client.dispose());
  },
  fetch: plainFetch,
};
