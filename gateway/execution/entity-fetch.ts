import type { EntityFetch, EntityGroup } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import type { SubgraphResponse, SubgraphResponseError } from '../transports/transport.ts';
import { compileCall } from './call.ts';
import type { ExecutionDependencies } from './call.ts';
import { cloneData, isObject, mergeInto } from './data.ts';
import type { DataObject } from './data.ts';
import { entityKeys } from './entity-keys.ts';
import { compileRepresentation } from './representations.ts';
import { toPath } from './response-path.ts';
import { compileRewrites, renamedKeys } from './rewrites.ts';
import type { Step } from './root-fetch.ts';
import type { ErrorList, ExecutionState } from './state.ts';
import { toClientError, toFetchError } from './subgraph-errors.ts';
import { compileTargets } from './targets.ts';
import type { Target } from './targets.ts';

/** The representations behind one variable, each once. */
class Representations {
  readonly list: DataObject[] = [];
  readonly #indexes = new Map<string, number>();

  add(representation: DataObject): number {
    const key = JSON.stringify(representation);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.list.length);
    return this.list.push(representation) - 1;
  }
}

/** A group in one execution: for each of its paths, which representation stands for which target. */
interface Prepared {
  readonly group: CompiledGroup;
  readonly places: readonly (readonly Place[])[];
}

interface Place {
  readonly target: Target;
  readonly index: number;
}

interface CompiledGroup {
  readonly key: string;
  readonly variable: string;
  /** Response keys that an entity of the group gets, for errors that leave all of them empty. */
  readonly fields: readonly string[];
  prepare(data: DataObject, representations: Representations): readonly (readonly Place[])[];
  rewrite(entities: unknown): void;
  readonly renamed: ReadonlyMap<string, string>;
}

/** Compiles a fetch of entities. */
export function compileEntityFetch(node: EntityFetch, types: TypeIndex, dependencies: ExecutionDependencies): Step {
  const { subgraph } = node.operation;
  const call = compileCall(node.operation, dependencies);
  const keys = entityKeys(node.operation.query);
  const groups = node.groups.map((group) => compileGroup(group, keys.get(group.key) ?? [], types));
  return async (state) => {
    const variables = new Map<string, Representations>();
    const prepared = groups.map((group) => {
      const representations = variables.get(group.variable) ?? new Representations();
      variables.set(group.variable, representations);
      return { group, places: group.prepare(state.data, representations) };
    });
    if ([...variables.values()].every(({ list }) => list.length === 0)) return;
    try {
      const response = await call(state, Object.fromEntries([...variables].map(([name, { list }]) => [name, list])));
      for (const error of response.errors ?? []) addError(state, subgraph, error, prepared);
      for (const part of prepared) mergeGroup(part, response, types);
    } catch (error) {
      for (const part of prepared) emptyPlaces(part, state.errors, (path) => toFetchError(subgraph, error, path));
    }
  };
}

function compileGroup(group: EntityGroup, fields: readonly string[], types: TypeIndex): CompiledGroup {
  const finders = group.paths.map((path) => compileTargets(path, types));
  const represent = compileRepresentation(group.requires, group.inputRewrites, types);
  const renamed = renamedKeys(group.outputRewrites);
  return {
    key: group.key,
    variable: group.variable,
    fields: fields.map((field) => renamed.get(field) ?? field),
    renamed,
    rewrite: compileRewrites(group.outputRewrites, types),
    prepare: (data, representations) =>
      finders.map((find) => {
        const places: Place[] = [];
        for (const target of find(data)) {
          const representation = represent(target.object);
          if (representation !== undefined) places.push({ target, index: representations.add(representation) });
        }
        return places;
      }),
  };
}

/**
 * Merges entities at their targets. Targets of one path share what is new to them, as all that follows treats them alike;
 * another path gets a copy, because what is merged below it later may differ.
 */
function mergeGroup({ group, places }: Prepared, response: SubgraphResponse, types: TypeIndex): void {
  const entities = response.data?.[group.key];
  if (!Array.isArray(entities)) return;
  group.rewrite(entities);
  places.forEach((ofPath, pathIndex) => {
    const source = pathIndex === 0 ? entities : (cloneData(entities) as unknown[]);
    for (const { target, index } of ofPath) {
      const entity: unknown = source[index];
      if (isObject(entity)) mergeInto(target.object, entity, types);
    }
  });
}

/** Brings an error from the subgraph's path (group, index of the representation, rest) to the client's paths. */
function addError(
  state: ExecutionState,
  subgraph: string,
  error: SubgraphResponseError,
  prepared: readonly Prepared[],
): void {
  const [key, index, ...rest] = error.path ?? [];
  const part = prepared.find(({ group }) => group.key === key);
  if (!part) {
    for (const each of prepared) emptyPlaces(each, state.errors, (path) => toClientError(subgraph, error, path));
    return;
  }
  const tail = rest.map((segment) => part.group.renamed.get(String(segment)) ?? segment);
  if (typeof index !== 'number' || tail.length === 0) {
    emptyPlaces(
      part,
      state.errors,
      (path) => toClientError(subgraph, error, path),
      typeof index === 'number' ? index : null,
    );
    return;
  }
  for (const place of part.places.flat()) {
    if (place.index === index)
      state.errors.add(toClientError(subgraph, error, [...toPath(place.target.path), ...tail]));
  }
}

/** One error for each field that stays empty: of every entity of the group, or of the one with this index. */
function emptyPlaces(
  { group, places }: Prepared,
  errors: ErrorList,
  make: (path: (string | number)[]) => ReturnType<typeof toFetchError>,
  only: number | null = null,
): void {
  for (const { target, index } of places.flat()) {
    if (only !== null && index !== only) continue;
    for (const field of group.fields) errors.add(make([...toPath(target.path), field]));
  }
}
