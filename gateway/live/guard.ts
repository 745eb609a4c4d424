import { parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import type { GraphQLError } from 'graphql';
import type { LiveSource } from '../../schema/live.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { compileCall } from '../execution/call.ts';
import type { ExecutionDependencies } from '../execution/call.ts';
import { isObject } from '../execution/data.ts';
import { ErrorList } from '../execution/state.ts';
import { toClientError, toFetchError } from '../execution/subgraph-errors.ts';
import { plainVariables } from '../execution/variables.ts';
import { Deadline } from '../transports/deadline.ts';
import type { SubgraphAuth } from '../transports/transport.ts';
import { entityQueryText } from './entity-query.ts';

/** Why a caller may not subscribe, or null. Asks the subgraph that owns what is guarded, with the caller's rights. */
export async function checkGuard(
  source: LiveSource,
  args: Readonly<Record<string, unknown>>,
  options: {
    readonly auth: SubgraphAuth;
    readonly timeoutMs: number;
    readonly dependencies: ExecutionDependencies;
    readonly rootKey: string;
  },
): Promise<GraphQLError | null> {
  const { guard, subgraph } = source;
  if (!guard) return null;
  const path = [options.rootKey];
  const selection = (parse(`{ ${guard.field} }`, { noLocation: true }).definitions[0] as OperationDefinitionNode)
    .selectionSet;
  const call = compileCall(
    { subgraph, query: entityQueryText(guard.entity, selection), kind: 'query', variables: [] },
    options.dependencies,
  );
  const deadline = new Deadline(options.timeoutMs);
  try {
    const state = { data: {}, errors: new ErrorList(), variables: {}, auth: options.auth, deadline };
    const representations = [{ __typename: guard.entity, id: args[guard.idArgument] }];
    const response = await call(state, plainVariables({ representations }));
    const entities = response.data?.['_entities'];
    const entity: unknown = Array.isArray(entities) ? entities[0] : null;
    if (isObject(entity) && entity[guard.field] === true) return null;
    const told = response.errors?.[0];
    if (told) return toClientError(subgraph, told, path);
    if (isObject(entity))
      return gatewayError(`you may not watch this ${guard.entity}`, { code: errorCodes.forbidden, path });
    return gatewayError(`${guard.idArgument}: there is no such ${guard.entity}`, { code: errorCodes.notFound, path });
  } catch (error) {
    return toFetchError(subgraph, error, path);
  } finally {
    deadline.clear();
  }
}
