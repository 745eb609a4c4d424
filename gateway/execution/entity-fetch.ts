import type { EntityFetch, EntityGroup } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import type { SubgraphResponse, SubgraphResponseError } from '../transports/transport.ts';
import { compileCall } from './call.ts';
import type { ExecutionDependencies } from './call.ts';
import { partitionByContext } from './contexts.ts';
import type { ContextPartition } from './contexts.ts';
import { cloneData, isObject, levelsMax, mergeInto } from './data.ts';
import type { DataObject } from './data.ts';
import { entityKeys } from './entity-keys.ts';
import { compileRepresentation } from './representations.ts';
import type { Represent } from './representations.ts';
import { toPath } from './response-path.ts';
import type { PathLink } from './response-path.ts';
import { renamedKeys } from '../planning/renamed-keys.ts';
import { compileRewrites } from './rewrites.ts';
import type { Step } from './root-fetch.ts';
import type { ExecutionState } from './state.ts';
import { toClientError, toFetchError, toShapeError } from './subgraph-errors.ts';
import { compileTargets } from './targets.ts';
import type { Targets } from './targets.ts';
import type { ExtraVariables } from './variables.ts';

/** The representations behind one variable, each once. */
class Representations {
  readonly #represent: Represent[] = [];
  readonly #entities: DataObject[] = [];
  readonly #indexes = new Map<string, number>();

  get size(): number {
    return this.#entities.length;
  }

  /** The index of an entity's representation, or -1 where it has none. */
  add(entity: DataObject, represent: Represent): number {
    const json = represent.json(entity);
    if (json === undefined) return -1;
    const known = this.#indexes.get(json);
    if (known !== undefined) return known;
    this.#represent.push(represent);
    this.#indexes.set(json, this.#entities.length);
    return this.#entities.push(entity) - 1;
  }

  objects(): unknown[] {
    return this.#entities.map((entity, index) => this.#represent[index]?.object(entity));
  }

  json(): string {
    return `[${[...this.#indexes.keys()].join(',')}]`;
  }
}

/** The targets of one path in one execution, each with the index of its representation. */
interface Places {
  readonly targets: DataObject[];
  readonly indexes: number[];
}

/** A group in one execution: the places of each of its paths. */
interface Prepared {
  readonly group: CompiledGroup;
  readonly places: readonly Places[];
}

interface CompiledGroup {
  readonly sharesEntities: boolean;
  readonly key: string;
  readonly variable: string;
  /** Response keys that an entity of the group gets, for errors that leave all of them empty. */
  readonly fields: readonly string[];
  readonly paths: readonly Targets[];
  /** By path. */
  readonly represent: readonly Represent[];
  /** Null where there is nothing to rewrite. */
  readonly rewrite: ((entities: unknown) => void) | null;
  readonly renamed: ReadonlyMap<string, string>;
}

/** Compiles a fetch of entities. */
export function compileEntityFetch(node: EntityFetch, types: TypeIndex, dependencies: ExecutionDependencies): Step {
  const { subgraph } = node.operation;
  const call = compileCall(node.operation, dependencies);
  const keys = entityKeys(node.operation.query);
  const groups = node.groups.map((group) => compileGroup(group, keys.get(group.key) ?? [], types));
  const run = async (state: ExecutionState, part: ContextPartition | null): Promise<void> => {
    const variables = new Map<string, Representations>();
    const prepared = groups.map((group) => prepare(group, state.data, variables, part?.entities ?? null));
    if ([...variables.values()].every(({ size }) => size === 0)) return;
    try {
      const response = await call(state, variablesOf(variables, part?.variables ?? {}));
      for (const error of response.errors ?? []) addError(state, subgraph, error, prepared);
      for (const each of prepared) mergeGroup(each, response, types);
      for (const each of prepared) {
        const asked = variables.get(each.group.variable)?.size ?? 0;
        addMissing(each, asked, response, { state, subgraph });
      }
    } catch (error) {
      for (const each of prepared) emptyPlaces(each, state, (path) => toFetchError(subgraph, error, path));
    }
  };
  const [first] = node.groups;
  const { contexts = [], paths = [] } = first ?? {};
  const runAll = async (state: ExecutionState): Promise<void> => {
    if (contexts.length === 0) return run(state, null);
    const parts = partitionByContext(state.data, paths[0] ?? [], contexts, types);
    await Promise.all(parts.map((part) => run(state, part)));
  };
  return async (state) => {
    try {
      await runAll(state);
    } catch (error) {
      // What the fields require, of another subgraph, may be JSON that nests too deep to be written.
      if (!(error instanceof RangeError)) throw error;
      const message = `the subgraph ${subgraph} could not be asked: what it requires has more than ${levelsMax} levels`;
      for (const group of groups)
        emptyPlaces(everyPlace(group, state.data), state, (path) => toShapeError(subgraph, message, path));
    }
  };
}

function everyPlace(group: CompiledGroup, data: DataObject): Prepared {
  const places = group.paths.map((path): Places => {
    const targets = [...path.find(data)];
    return { targets, indexes: targets.map(() => 0) };
  });
  return { group, places };
}

function prepare(
  group: CompiledGroup,
  data: DataObject,
  variables: Map<string, Representations>,
  only: ReadonlySet<DataObject> | null,
): Prepared {
  let representations = variables.get(group.variable);
  if (!representations) {
    representations = new Representations();
    variables.set(group.variable, representations);
  }
  const all = representations;
  const places = group.represent.map((represent, pathIndex): Places => {
    const targets: DataObject[] = [];
    const indexes: number[] = [];
    for (const object of group.paths[pathIndex]?.find(data) ?? []) {
      if (only !== null && !only.has(object)) continue;
      const index = all.add(object, represent);
      if (index < 0) continue;
      targets.push(object);
      indexes.push(index);
    }
    return { targets, indexes };
  });
  return { group, places };
}

function variablesOf(
  variables: ReadonlyMap<string, Representations>,
  contextual: Readonly<Record<string, unknown>>,
): ExtraVariables {
  const each = <T>(make: (name: string, representations: Representations) => T): T[] =>
    [...variables].map(([name, representations]) => make(name, representations));
  return {
    object: () => ({
      ...contextual,
      ...Object.fromEntries(each((name, representations) => [name, representations.objects()])),
    }),
    json: () =>
      [
        ...each((name, representations) => `"${name}":${representations.json()}`),
        ...Object.entries(contextual).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
      ].join(','),
  };
}

function compileGroup(group: EntityGroup, fields: readonly string[], types: TypeIndex): CompiledGroup {
  const renamed = renamedKeys(group.outputRewrites);
  return {
    sharesEntities: group.sharesEntities,
    key: group.key,
    variable: group.variable,
    fields: fields.map((field) => renamed.get(field) ?? field),
    paths: group.paths.map((path) => compileTargets(path, types)),
    represent: group.paths.map((_path, index) =>
      compileRepresentation(group.requiresAt?.[index] ?? group.requires, group.inputRewrites, types),
    ),
    rewrite: group.outputRewrites.length > 0 ? compileRewrites(group.outputRewrites, types) : null,
    renamed,
  };
}

/**
 * Merges entities at their targets. Targets of one path share what is new to them where all that follows treats them alike;
 * others get a copy, because what is merged below them later may differ.
 */
function mergeGroup({ group, places }: Prepared, response: SubgraphResponse, types: TypeIndex): void {
  const entities = response.data?.[group.key];
  if (!Array.isArray(entities)) return;
  group.rewrite?.(entities);
  places.forEach(({ targets, indexes }, pathIndex) => {
    const source = pathIndex === 0 || !group.sharesEntities ? entities : (cloneData(entities) as unknown[]);
    for (let at = 0; at < targets.length; at += 1) {
      const found: unknown = source[indexes[at] ?? -1];
      const entity = group.sharesEntities ? found : cloneData(found);
      const target = targets[at];
      if (target && isObject(entity)) mergeInto(target, entity, types);
    }
  });
}

/** Entities that are no list, or fewer than were asked for, would be nulls without a reason: where the subgraph gives none either, they are an error. */
function addMissing(
  part: Prepared,
  asked: number,
  { data, errors }: SubgraphResponse,
  { state, subgraph }: { readonly state: ExecutionState; readonly subgraph: string },
): void {
  const entities = data?.[part.group.key];
  const known = Array.isArray(entities) ? entities.length : 0;
  const isTold = errors !== undefined && errors.length > 0;
  if (known >= asked || isTold) return;
  const message = `the subgraph ${subgraph} gave something else where a list of the entities that it was asked for belongs`;
  emptyPlaces(
    part,
    state,
    (path) => toShapeError(subgraph, message, path),
    (index) => index >= known,
  );
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
    for (const each of prepared) emptyPlaces(each, state, (path) => toClientError(subgraph, error, path));
    return;
  }
  const tail = rest.map((segment) => part.group.renamed.get(String(segment)) ?? segment);
  const isAsked = (each: number): boolean => typeof index !== 'number' || each === index;
  if (typeof index !== 'number' || tail.length === 0) {
    emptyPlaces(part, state, (path) => toClientError(subgraph, error, path), isAsked);
    return;
  }
  const paths = pathsOf(part, state.data, isAsked);
  for (const path of paths) state.errors.add(toClientError(subgraph, error, [...toPath(path), ...tail]));
  // It speaks of an entity that was not asked for: it is told all the same.
  if (paths.length === 0) state.errors.add(toClientError(subgraph, error, null));
}

/** One error for each field that stays empty: of every entity of the group, or of those with such an index. */
function emptyPlaces(
  part: Prepared,
  { data, errors }: ExecutionState,
  make: (path: (string | number)[]) => ReturnType<typeof toFetchError>,
  isMeant: (index: number) => boolean = () => true,
): void {
  for (const path of pathsOf(part, data, isMeant))
    for (const field of part.group.fields) errors.add(make([...toPath(path), field]));
}

/** Where the targets of a group are whose representations have such an index. */
function pathsOf(
  { group, places }: Prepared,
  data: DataObject,
  isMeant: (index: number) => boolean,
): readonly (PathLink | null)[] {
  const paths: (PathLink | null)[] = [];
  places.forEach(({ targets, indexes }, pathIndex) => {
    const indexOf = new Map(targets.map((target, at) => [target, indexes[at]]));
    group.paths[pathIndex]?.locate(data, (object, path) => {
      const index = indexOf.get(object);
      if (index !== undefined && isMeant(index)) paths.push(path);
    });
  });
  return paths;
}
