import type { RequiredSelection, Rewrite } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject, mergeInto } from './data.ts';
import type { DataObject } from './data.ts';
import { compileRewrites } from './rewrites.ts';
import { toJson } from './variables.ts';

/** Makes what is sent to a subgraph to name an entity; undefined where the response does not hold what it takes. */
export interface Represent {
  object(entity: DataObject): DataObject | undefined;
  /** The same as JSON. Equal texts name equal entities. */
  json(entity: DataObject): string | undefined;
}

/** Compiles the projection of an entity to its representation. */
export function compileRepresentation(
  requires: readonly RequiredSelection[],
  rewrites: readonly Rewrite[],
  types: TypeIndex,
): Represent {
  const rewrite = rewrites.length > 0 ? compileRewrites(rewrites, types) : null;
  const object = (entity: DataObject): DataObject | undefined => {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return undefined;
    const representation: DataObject = {};
    if (!project(requires, entity, representation, types)) return undefined;
    // Either no fragment is about this type, or all that would name the entity is null: nothing could be found by it.
    if (!namesSomething(representation)) return undefined;
    representation['__typename'] = typename;
    rewrite?.(representation);
    return representation;
  };
  const leaves = rewrite === null ? leavesOf(requires) : null;
  if (leaves) return { object, json: compileLeaves(leaves, types) };
  return {
    object,
    json: (entity) => {
      const made = object(entity);
      return made && JSON.stringify(made);
    },
  };
}

interface Leaf {
  /** The type that the entity must be of; null for any. */
  readonly on: string | null;
  readonly from: string;
  readonly prefix: string;
}

/** The fields of a representation, where each is a scalar and none could be there twice; null otherwise. */
function leavesOf(requires: readonly RequiredSelection[]): readonly Leaf[] | null {
  const leaves: Leaf[] = [];
  const names = new Set(['__typename']);
  const add = (selection: RequiredSelection, on: string | null): boolean => {
    if (selection.kind === 'fragment')
      return on === null && selection.selections.every((inner) => add(inner, selection.on));
    if (selection.to === '__typename') return selection.from === '__typename';
    if (selection.selections !== null || names.has(selection.to)) return false;
    names.add(selection.to);
    leaves.push({ on, from: selection.from, prefix: `,${JSON.stringify(selection.to)}:` });
    return true;
  };
  return requires.every((selection) => add(selection, null)) ? leaves : null;
}

function compileLeaves(leaves: readonly Leaf[], types: TypeIndex): Represent['json'] {
  return (entity) => {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return undefined;
    let text = `{"__typename":${toJson(typename)}`;
    let named = false;
    for (const { on, from, prefix } of leaves) {
      if (on !== null && on !== typename && !types.satisfies(typename, on)) continue;
      const value = entity[from];
      if (value === undefined) return undefined;
      if (value !== null) named = true;
      text += prefix + toJson(value);
    }
    return named ? `${text}}` : undefined;
  };
}

function namesSomething(representation: DataObject): boolean {
  for (const key in representation) if (key !== '__typename' && representation[key] !== null) return true;
  return false;
}

/** False where something required is absent: the fetch that should have brought it failed, which has its own error. */
function project(
  selections: readonly RequiredSelection[],
  source: DataObject,
  target: DataObject,
  types: TypeIndex,
): boolean {
  for (const selection of selections) {
    if (selection.kind === 'fragment') {
      const typename = source['__typename'];
      if (typeof typename === 'string' && !types.satisfies(typename, selection.on)) continue;
      if (!project(selection.selections, source, target, types)) return false;
      continue;
    }
    const value = projectValue(source[selection.from], selection.selections, types);
    if (value === undefined) return false;
    const before = target[selection.to];
    if (isObject(before) && isObject(value)) mergeInto(before, value, types);
    else target[selection.to] = value;
  }
  return true;
}

function projectValue(value: unknown, selections: readonly RequiredSelection[] | null, types: TypeIndex): unknown {
  if (value === undefined || value === null || selections === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => projectValue(item, selections, types));
    return items.includes(undefined) ? undefined : items;
  }
  if (!isObject(value)) return undefined;
  const target: DataObject = {};
  // Whoever resolves a value of an abstract type has to know which of its types this one is.
  const typename = value['__typename'];
  if (typeof typename === 'string' && selections.some((selection) => selection.kind === 'fragment'))
    target['__typename'] = typename;
  return project(selections, value, target, types) ? target : undefined;
}
