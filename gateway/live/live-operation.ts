import { getArgumentValues, GraphQLError } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { LiveSource } from '../../schema/live.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { compileCall } from '../execution/call.ts';
import type { ExecutionDependencies } from '../execution/call.ts';
import { isObject } from '../execution/data.ts';
import type { DataObject } from '../execution/data.ts';
import type { Executable } from '../execution/executable.ts';
import { compileRewrites } from '../execution/rewrites.ts';
import type { Step } from '../execution/root-fetch.ts';
import { toClientError, toFetchError } from '../execution/subgraph-errors.ts';
import { plainVariables } from '../execution/variables.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { toEntityQuery } from './entity-query.ts';
import type { EntityQuery } from './entity-query.ts';

export type LiveSources = Readonly<Record<string, LiveSource>>;

/** A subscription that the log feeds, compiled once for all events. */
export interface LiveOperation {
  readonly source: LiveSource;
  /** The subscription field, by its name in the schema. */
  readonly field: string;
  /** The subscription field's arguments. Throws a GraphQL error for variables that do not fit. */
  argumentsFor(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** Puts the entity of an event into the response and fetches the rest of the selection. */
  step(representation: DataObject): Step;
  readonly rootKey: string;
}

/** Throws a GraphQL error where the subscription's field has no live source. */
export function compileLiveOperation(
  executable: Executable,
  options: {
    readonly sources: LiveSources;
    readonly supergraph: Supergraph;
    readonly dependencies: ExecutionDependencies;
  },
): LiveOperation {
  const { primary } = executable.plan;
  if (!primary) throw new Error('a subscription was planned without a primary fetch');
  const fieldName = subscriptionField(primary.operation.query);
  const source = Object.hasOwn(options.sources, fieldName) ? options.sources[fieldName] : undefined;
  if (!source || source.subgraph !== primary.operation.subgraph) {
    throw gatewayError(`the subscription ${fieldName} has no live source here`, { code: errorCodes.notLive });
  }
  const query = toEntityQuery(primary.operation, source.entity);
  const call = compileCall(query.operation, options.dependencies);
  const rewrite = compileRewrites(primary.outputRewrites, options.supergraph.types);
  const { rootKey } = query;
  return {
    source,
    field: fieldName,
    rootKey,
    argumentsFor: (variables) => argumentsOf(options.supergraph.apiSchema, query, variables),
    step: (representation) => async (state) => {
      const { subgraph } = query.operation;
      try {
        const response = await call(state, plainVariables({ representations: [representation] }));
        for (const error of response.errors ?? [])
          state.errors.add(toClientError(subgraph, error, [rootKey, ...(error.path ?? []).slice(2)]));
        const entities = response.data?.['_entities'];
        state.data[rootKey] = Array.isArray(entities) && isObject(entities[0]) ? entities[0] : null;
        rewrite(state.data);
      } catch (error) {
        state.errors.add(toFetchError(subgraph, error, [rootKey]));
      }
      if (state.data[rootKey]) await executable.run?.(state);
    },
  };
}

function subscriptionField(query: string): string {
  return toEntityQuery({ subgraph: '', query, kind: 'subscription', variables: [] }, 'Entity').field.name.value;
}

function argumentsOf(
  schema: GraphQLSchema,
  query: EntityQuery,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const definition = schema.getSubscriptionType()?.getFields()[query.field.name.value];
  if (!definition) throw new GraphQLError(`the schema has no subscription ${query.field.name.value}`);
  return getArgumentValues(definition, query.field, variables);
}
