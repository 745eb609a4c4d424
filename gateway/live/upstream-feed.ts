import { GraphQLError } from 'graphql';
import { HANDSHAKE } from '../../schema/handshake.ts';
import type { Engine } from '../engine.ts';
import type { PreparedExecution } from '../execution/executor.ts';
import { compileRootMerge } from '../execution/root-fetch.ts';
import type { Step } from '../execution/root-fetch.ts';
import { toClientError, toFetchError } from '../execution/subgraph-errors.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import { pickVariables } from '../planning/variable-names.ts';
import type { SubgraphResponse, Upstream } from '../transports/transport.ts';
import type { ChannelEvent } from './channel.ts';

/** Told what comes of a subscription at a subgraph. */
export interface FeedListener {
  event(event: ChannelEvent): void;
  /** There is no more; with the JSON of a GraphQL result that says why, where it is not that all was told. */
  end(text: string | null): void;
}

/** A subscription whose events a subgraph sends. */
export interface UpstreamFeed {
  /** Rejects with a GraphQL error where the subgraph cannot be subscribed at. */
  open(listener: FeedListener): Promise<Upstream>;
}

/** The feed of a prepared subscription; null where its subgraph offers none. What other subgraphs know of an event is fetched for each. */
export function upstreamFeed(prepared: PreparedExecution, engine: Engine): UpstreamFeed | null {
  const { plan, run } = prepared.executable;
  const { primary } = plan;
  if (!primary) return null;
  const { subgraph, query, variables: names } = primary.operation;
  const { transports } = engine.dependencies;
  const transport = Object.hasOwn(transports, subgraph) ? transports[subgraph] : undefined;
  const subscribe = transport?.subscribe?.bind(transport);
  if (!subscribe) return null;
  const { rootKeys, merge } = compileRootMerge(primary, engine.supergraph.types);
  const stepFor =
    (response: SubgraphResponse): Step =>
    async (state) => {
      merge(state, response);
      await run?.(state);
    };
  const answer = async (
    response: SubgraphResponse,
    claims: PreparedExecution['request']['claims'],
  ): Promise<string> => {
    const asked = { ...prepared, request: { ...prepared.request, claims } };
    const { errors, data } = await engine.executor.run(asked, stepFor(response), {});
    return JSON.stringify({ ...(errors ? { errors } : {}), data: data ?? null });
  };
  return {
    async open(listener) {
      const variables = pickVariables(names, prepared.variables);
      const auth = { claims: prepared.request.claims, handshake: HANDSHAKE };
      let offset = 0;
      try {
        return await subscribe(
          { query, variables, auth },
          {
            next(response) {
              listener.event({
                partition: 0,
                offset: offset++,
                answer: async (claims) => ({ text: await answer(response, claims), cursor: null, positions: [] }),
              });
            },
            end(reason) {
              listener.end(reason === null ? null : JSON.stringify({ errors: errorsOf(subgraph, rootKeys, reason) }));
            },
          },
        );
      } catch (error) {
        if (!(error instanceof SubgraphUnavailableError)) throw error;
        engine.dependencies.logger.warn(
          { subgraph, err: error.cause ?? error },
          'a subgraph could not be subscribed at',
        );
        const { message, extensions } = toFetchError(subgraph, error, []);
        throw new GraphQLError(message, { extensions });
      }
    },
  };
}

function errorsOf(
  subgraph: string,
  rootKeys: readonly string[],
  reason: SubgraphUnavailableError | NonNullable<SubgraphResponse['errors']>,
): readonly GraphQLError[] {
  if (reason instanceof SubgraphUnavailableError) return rootKeys.map((key) => toFetchError(subgraph, reason, [key]));
  return reason.map((error) => toClientError(subgraph, error, error.path ?? null));
}
