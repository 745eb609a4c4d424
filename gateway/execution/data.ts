import type { TypeIndex } from '../supergraph/type-index.ts';

/** Response data as it grows while fetches come back. */
export type DataObject = Record<string, unknown>;

export function isObject(value: unknown): value is DataObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Merges what a fetch gave into an object of the response, in place. Parts of `source` become parts of `target`. */
export function mergeInto(target: DataObject, source: DataObject, types: TypeIndex): void {
  for (const key in source) {
    // JSON of a subgraph may hold this key as its own; writing it would change the prototype.
    if (key === '__proto__') continue;
    const before = target[key];
    const after = source[key];
    if (before === undefined || before === null) target[key] = after;
    else if (isObject(before) && isObject(after)) mergeInto(before, after, types);
    else if (Array.isArray(before) && Array.isArray(after)) mergeLists(before, after, types);
    else if (after !== null && after !== undefined && !losesTypename(key, before, after, types)) target[key] = after;
  }
}

/** A subgraph that knows an entity only as an interface names the interface: what is known better is kept. */
function losesTypename(key: string, before: unknown, after: unknown, types: TypeIndex): boolean {
  return (
    key === '__typename' &&
    typeof before === 'string' &&
    typeof after === 'string' &&
    types.isObjectType(before) &&
    !types.isObjectType(after)
  );
}

function mergeLists(target: unknown[], source: readonly unknown[], types: TypeIndex): void {
  const length = Math.min(target.length, source.length);
  for (let index = 0; index < length; index += 1) {
    const before = target[index];
    const after = source[index];
    if (before === null || before === undefined) target[index] = after;
    else if (isObject(before) && isObject(after)) mergeInto(before, after, types);
    else if (Array.isArray(before) && Array.isArray(after)) mergeLists(before, after, types);
  }
}

/** A copy that shares nothing with its original. */
export function cloneData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneData);
  if (!isObject(value)) return value;
  const copy: DataObject = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') copy[key] = cloneData(value[key]);
  return copy;
}

/** How deep a value of a custom scalar, or what a subgraph says of an error, may nest. JSON takes several times as many levels in, and none of those out again. */
export const levelsMax = 1_000;
