import type { RequiredSelection, Rewrite } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject, mergeInto } from './data.ts';
import type { DataObject } from './data.ts';
import { compileRewrites } from './rewrites.ts';

/** Makes what is sent to a subgraph to name an entity; undefined where the response does not hold what it takes. */
export type Represent = (entity: DataObject) => DataObject | undefined;

/** Compiles the projection of an entity to its representation. */
export function compileRepresentation(
  requires: readonly RequiredSelection[],
  rewrites: readonly Rewrite[],
  types: TypeIndex,
): Represent {
  const rewrite = compileRewrites(rewrites, types);
  return (entity) => {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return undefined;
    const representation: DataObject = {};
    if (!project(requires, entity, representation, types)) return undefined;
    // Either no fragment is about this type, or all that would name the entity is null: nothing could be found by it.
    if (!namesSomething(representation)) return undefined;
    representation['__typename'] = typename;
    rewrite(representation);
    return representation;
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
  return project(selections, value, target, types) ? target : undefined;
}
