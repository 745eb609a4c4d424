import type { ContextInput, PathSegment } from '../planning/plan.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { isObject } from './data.ts';
import type { DataObject } from './data.ts';
import { isOfType } from './targets.ts';

/** Entities that see the same values in their contexts, so that one request can ask for them. */
export interface ContextPartition {
  readonly entities: ReadonlySet<DataObject>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Sorts the entities at a path by what the objects above them give to `@fromContext`. */
export function partitionByContext(
  root: DataObject,
  path: readonly PathSegment[],
  contexts: readonly ContextInput[],
  types: TypeIndex,
): readonly ContextPartition[] {
  const partitions = new Map<string, { entities: Set<DataObject>; variables: Record<string, unknown> }>();
  visit(root, path, [], types, (entity, above) => {
    const variables: Record<string, unknown> = {};
    for (const context of contexts) {
      const value = valueOf(context, above, types);
      // Several types may give one context: whichever of them this entity is below.
      if (value !== undefined) variables[context.variable] = value;
      else variables[context.variable] ??= null;
    }
    const key = JSON.stringify(variables);
    const partition = partitions.get(key) ?? { entities: new Set<DataObject>(), variables };
    partition.entities.add(entity);
    partitions.set(key, partition);
  });
  return [...partitions.values()];
}

function valueOf({ up, path }: ContextInput, above: readonly DataObject[], types: TypeIndex): unknown {
  let value: unknown = above.at(-up);
  for (const segment of path) {
    if (!isObject(value)) return undefined;
    if (segment.kind === 'key') value = value[segment.name];
    else if (!isOfType(value, segment.anyOf, types)) return undefined;
  }
  return value;
}

function visit(
  value: unknown,
  path: readonly PathSegment[],
  above: readonly DataObject[],
  types: TypeIndex,
  each: (entity: DataObject, above: readonly DataObject[]) => void,
): void {
  const [segment, ...rest] = path;
  if (Array.isArray(value)) {
    for (const item of value) visit(item, segment?.kind === 'list' ? rest : path, above, types, each);
    return;
  }
  if (!isObject(value)) return;
  if (segment === undefined) each(value, above);
  else if (segment.kind === 'field') visit(value[segment.name], rest, [...above, value], types, each);
  else if (segment.kind === 'type' && isOfType(value, segment.anyOf, types)) visit(value, rest, above, types, each);
}
