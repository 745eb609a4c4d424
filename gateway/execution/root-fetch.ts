import { Kind, parse } from 'graphql';
import type { RootFetch } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { compileCall } from './call.ts';
import type { ExecutionDependencies } from './call.ts';
import { mergeInto } from './data.ts';
import type { SubgraphResponse } from '../transports/transport.ts';
import { renamedKeys } from '../planning/renamed-keys.ts';
import { compileRewrites } from './rewrites.ts';
import type { ExecutionState } from './state.ts';
import { toClientError, toFetchError, toShapeError } from './subgraph-errors.ts';

/** One step of a compiled plan. It never rejects: what fails becomes an error of the response. */
export type Step = (state: ExecutionState) => Promise<void>;

/** Compiles a fetch from a root type. */
export function compileRootFetch(node: RootFetch, types: TypeIndex, dependencies: ExecutionDependencies): Step {
  const { subgraph } = node.operation;
  const call = compileCall(node.operation, dependencies);
  const { rootKeys, merge } = compileRootMerge(node, types);
  return async (state) => {
    try {
      merge(state, await call(state, null));
    } catch (error) {
      for (const key of rootKeys) state.errors.add(toFetchError(subgraph, error, [key]));
    }
  };
}

/** Compiles what becomes of a response to a fetch from a root type, whichever way it came. */
export function compileRootMerge(
  { operation: { subgraph, query }, outputRewrites }: RootFetch,
  types: TypeIndex,
): {
  readonly rootKeys: readonly string[];
  readonly merge: (state: ExecutionState, response: SubgraphResponse) => void;
} {
  const rewrite = outputRewrites.length > 0 ? compileRewrites(outputRewrites, types) : null;
  const renamed = renamedKeys(outputRewrites);
  const { rootKeys, certainKeys } = responseKeys(query);
  const clientKey = (key: string): string => renamed.get(key) ?? key;
  return {
    rootKeys,
    merge(state, { data, errors }) {
      for (const error of errors ?? []) {
        const places =
          error.path && error.path.length > 0
            ? [error.path.map((key) => renamed.get(String(key)) ?? key)]
            : rootKeys.map((key) => [key]);
        for (const path of places) state.errors.add(toClientError(subgraph, error, path));
      }
      // Where the subgraph gives no reason, what it left out would be a null without one.
      if (errors === undefined || errors.length === 0) {
        const message = `the subgraph ${subgraph} gave no answer for a field that it was asked for, and no reason`;
        for (const key of data ? certainKeys.filter((each) => data[each] === undefined) : rootKeys)
          state.errors.add(toShapeError(subgraph, message, [clientKey(key)]));
      }
      if (!data) return;
      rewrite?.(data);
      mergeInto(state.data, data, types);
    },
  };
}

/** The keys of a query's answer, and those of them that no directive can leave out. */
function responseKeys(query: string): {
  readonly rootKeys: readonly string[];
  readonly certainKeys: readonly string[];
} {
  const operation = parse(query, { noLocation: true }).definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  );
  const fields = (operation?.selectionSet.selections ?? [])
    .filter((node) => node.kind === Kind.FIELD)
    .filter((node) => node.name.value !== '__typename');
  const keysOf = (nodes: typeof fields): string[] => [
    ...new Set(nodes.map((node) => node.alias?.value ?? node.name.value)),
  ];
  return {
    rootKeys: keysOf(fields),
    certainKeys: keysOf(fields.filter(({ directives = [] }) => directives.length === 0)),
  };
}
