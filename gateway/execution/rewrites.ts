import type { Rewrite } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject } from './data.ts';
import { isOfType } from './targets.ts';

/** Applies a plan's rewrites to data, in place. */
export type ApplyRewrites = (data: unknown) => void;

/** Compiles the rewrites of a fetch. */
export function compileRewrites(rewrites: readonly Rewrite[], types: TypeIndex): ApplyRewrites {
  return (data) => {
    for (const rewrite of rewrites) apply(rewrite, 0, data, types);
  };
}

function apply(rewrite: Rewrite, index: number, data: unknown, types: TypeIndex): void {
  if (Array.isArray(data)) {
    for (const item of data) apply(rewrite, index, item, types);
    return;
  }
  const segment = rewrite.path[index];
  if (!isObject(data) || segment === undefined) return;
  if (segment.kind === 'type') {
    if (isOfType(data, segment.anyOf, types)) apply(rewrite, index + 1, data, types);
    return;
  }
  if (index + 1 < rewrite.path.length) {
    apply(rewrite, index + 1, data[segment.name], types);
    return;
  }
  if (!(segment.name in data)) return;
  if (rewrite.action.kind === 'set') {
    data[segment.name] = rewrite.action.value;
  } else {
    data[rewrite.action.to] = data[segment.name];
    Reflect.deleteProperty(data, segment.name);
  }
}
