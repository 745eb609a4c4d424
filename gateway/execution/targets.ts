import type { PathSegment } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject } from './data.ts';
import type { DataObject } from './data.ts';
import type { PathLink } from './response-path.ts';

/** An object of the response that a fetch adds to, and where it is. */
export interface Target {
  readonly object: DataObject;
  readonly path: PathLink | null;
}

/** Finds the objects at a plan's path in the response. */
export type FindTargets = (root: DataObject) => readonly Target[];

/** Compiles a plan's path. */
export function compileTargets(segments: readonly PathSegment[], types: TypeIndex): FindTargets {
  const walk = (value: unknown, index: number, path: PathLink | null, found: Target[]): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      // The last list of a path may come without a segment of its own.
      const next = segments[index]?.kind === 'list' ? index + 1 : index;
      for (let key = 0; key < value.length; key += 1) walk(value[key], next, { key, previous: path }, found);
      return;
    }
    if (!isObject(value)) return;
    const segment = segments[index];
    if (segment === undefined) found.push({ object: value, path });
    else if (segment.kind === 'field')
      walk(value[segment.name], index + 1, { key: segment.name, previous: path }, found);
    else if (segment.kind === 'type' && isOfType(value, segment.anyOf, types)) walk(value, index + 1, path, found);
  };
  return (root) => {
    const found: Target[] = [];
    walk(root, 0, null, found);
    return found;
  };
}

export function isOfType(object: DataObject, anyOf: readonly string[], types: TypeIndex): boolean {
  const name = object['__typename'];
  // Without a type name there was nothing to tell apart: the planner asks for it wherever it matters.
  return typeof name !== 'string' || anyOf.some((condition) => types.satisfies(name, condition));
}
