import type { PathSegment } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject } from './data.ts';
import type { DataObject } from './data.ts';
import type { PathLink } from './response-path.ts';

/** The objects of the response that a fetch adds to. Where they are is found out only when an error has to tell it. */
export interface Targets {
  find(root: DataObject): readonly DataObject[];
  /** The same objects, each with its path. */
  locate(root: DataObject, each: (object: DataObject, path: PathLink | null) => void): void;
}

/** Compiles a plan's path. */
export function compileTargets(segments: readonly PathSegment[], types: TypeIndex): Targets {
  const collect = compileWalk(segments, 0, types);
  return {
    find: (root) => {
      const found: DataObject[] = [];
      collect(root, found);
      return found;
    },
    locate: (root, each) => walk(segments, 0, types, root, null, each),
  };
}

type Walk = (value: unknown, found: DataObject[]) => void;

function compileWalk(segments: readonly PathSegment[], index: number, types: TypeIndex): Walk {
  const segment = segments[index];
  // The last list of a path may come without a segment of its own.
  const inList: Walk | null = segment?.kind === 'list' ? compileWalk(segments, index + 1, types) : null;
  const inObject = compileStep(segments, index, types);
  const here: Walk = (value, found) => {
    if (Array.isArray(value)) {
      const each = inList ?? here;
      for (let key = 0; key < value.length; key += 1) each(value[key], found);
    } else if (typeof value === 'object' && value !== null) inObject(value as DataObject, found);
  };
  return here;
}

function compileStep(
  segments: readonly PathSegment[],
  index: number,
  types: TypeIndex,
): (object: DataObject, found: DataObject[]) => void {
  const segment = segments[index];
  switch (segment?.kind) {
    case undefined:
      return (object, found) => {
        found.push(object);
      };
    case 'field': {
      const { name } = segment;
      const next = compileWalk(segments, index + 1, types);
      return (object, found) => next(object[name], found);
    }
    case 'type': {
      const { anyOf } = segment;
      const next = compileStep(segments, index + 1, types);
      return (object, found) => {
        if (isOfType(object, anyOf, types)) next(object, found);
      };
    }
    case 'list':
      return () => {};
  }
}

function walk(
  segments: readonly PathSegment[],
  index: number,
  types: TypeIndex,
  value: unknown,
  path: PathLink | null,
  each: (object: DataObject, path: PathLink | null) => void,
): void {
  const segment = segments[index];
  if (Array.isArray(value)) {
    const next = segment?.kind === 'list' ? index + 1 : index;
    value.forEach((item, key) => walk(segments, next, types, item, { key, previous: path }, each));
    return;
  }
  if (!isObject(value)) return;
  if (segment === undefined) each(value, path);
  else if (segment.kind === 'field')
    walk(segments, index + 1, types, value[segment.name], { key: segment.name, previous: path }, each);
  else if (segment.kind === 'type' && isOfType(value, segment.anyOf, types))
    walk(segments, index + 1, types, value, path, each);
}

export function isOfType(object: DataObject, anyOf: readonly string[], types: TypeIndex): boolean {
  const name = object['__typename'];
  // Without a type name there was nothing to tell apart: the planner asks for it wherever it matters.
  return typeof name !== 'string' || anyOf.some((condition) => types.satisfies(name, condition));
}
