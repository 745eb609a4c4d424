import { Kind, parse } from 'graphql';
import type { RootFetch } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { compileCall } from './call.ts';
import type { ExecutionDependencies } from './call.ts';
import { mergeInto } from './data.ts';
import { renamedKeys } from '../planning/renamed-keys.ts';
import { compileRewrites } from './rewrites.ts';
import type { ExecutionState } from './state.ts';
import { toClientError, toFetchError } from './subgraph-errors.ts';

/** One step of a compiled plan. It never rejects: what fails becomes an error of the response. */
export type Step = (state: ExecutionState) => Promise<void>;

/** Compiles a fetch from a root type. */
export function compileRootFetch(node: RootFetch, types: TypeIndex, dependencies: ExecutionDependencies): Step {
  const { subgraph } = node.operation;
  const call = compileCall(node.operation, dependencies);
  const rewrite = node.outputRewrites.length > 0 ? compileRewrites(node.outputRewrites, types) : null;
  const renamed = renamedKeys(node.outputRewrites);
  const rootKeys = responseKeys(node.operation.query);
  return async (state) => {
    try {
      const { data, errors } = await call(state, null);
      for (const error of errors ?? []) {
        const places =
          error.path && error.path.length > 0
            ? [error.path.map((key) => renamed.get(String(key)) ?? key)]
            : rootKeys.map((key) => [key]);
        for (const path of places) state.errors.add(toClientError(subgraph, error, path));
      }
      if (!data) return;
      rewrite?.(data);
      mergeInto(state.data, data, types);
    } catch (error) {
      for (const key of rootKeys) state.errors.add(toFetchError(subgraph, error, [key]));
    }
  };
}

function responseKeys(query: string): readonly string[] {
  const operation = parse(query, { noLocation: true }).definitions.find(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  );
  const fields = operation?.selectionSet.selections.filter((node) => node.kind === Kind.FIELD) ?? [];
  return [
    ...new Set(
      fields.filter((node) => node.name.value !== '__typename').map((node) => node.alias?.value ?? node.name.value),
    ),
  ];
}
