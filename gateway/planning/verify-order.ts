import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { EntityFetch, PathSegment, PlanNode, RequiredSelection, SubgraphOperation } from './plan.ts';
import { renamedKeys } from './renamed-keys.ts';
import { WrongPlanError } from './verify-plan.ts';

/** What of a response has been asked for so far: by response key, lists and types aside. */
type Fetched = Map<string, Fetched>;

/**
 * Holds a plan against its own order: where entities are fetched, what at least one kind of representation is made of must have been asked for before. The
 * executor makes none of what is not there, so that such a plan answers with nulls and no error. Throws `WrongPlanError`.
 */
export function verifyOrder(nodes: readonly (PlanNode | null)[]): void {
  const fetched: Fetched = new Map();
  for (const node of nodes) if (node) run(node, fetched);
}

function run(node: PlanNode, fetched: Fetched): void {
  switch (node.kind) {
    case 'root':
      merge(fetched, fetchedBy(node.operation, node.outputRewrites, null));
      return;
    case 'entities':
      check(node, fetched);
      supply(node, fetched);
      return;
    case 'sequence':
      for (const each of node.nodes) run(each, fetched);
      return;
    case 'parallel': {
      const after = node.nodes.map((each) => {
        const seen = copyOf(fetched);
        run(each, seen);
        return seen;
      });
      for (const each of after) merge(fetched, each);
      return;
    }
    case 'condition': {
      const branches = [node.whenTrue, node.whenFalse].map((each) => {
        const seen = copyOf(fetched);
        if (each) run(each, seen);
        return seen;
      });
      for (const each of branches) merge(fetched, each);
    }
  }
}

function check({ operation: { subgraph }, groups }: EntityFetch, fetched: Fetched): void {
  for (const { paths, requires } of groups) {
    for (const path of paths) {
      const there = at(fetched, path);
      if (there !== null && isThere(requires, there)) continue;
      const place = namesOf(path).join('.');
      throw new WrongPlanError(`${subgraph} is asked for entities at ${place} before what names them was fetched`);
    }
  }
}

function supply({ operation, groups }: EntityFetch, fetched: Fetched): void {
  for (const { key, paths, outputRewrites } of groups) {
    const brought = fetchedBy(operation, outputRewrites, key);
    for (const path of paths) {
      const place = at(fetched, path);
      if (place) merge(place, brought);
    }
  }
}

/** Whether all fields are there and, where it depends on the type, those of one type at least. */
function isThere(selections: readonly RequiredSelection[], fetched: Fetched): boolean {
  const fragments = selections.filter(({ kind }) => kind === 'fragment');
  return (
    selections.every((selection) => selection.kind === 'fragment' || hasField(selection, fetched)) &&
    (fragments.length === 0 || fragments.some((each) => isThere(each.selections ?? [], fetched)))
  );
}

function hasField({ from, selections }: RequiredSelection & { kind: 'field' }, fetched: Fetched): boolean {
  if (from === '__typename') return true;
  const below = fetched.get(from);
  return below !== undefined && (selections === null || isThere(selections, below));
}

/** What a fetch brings: below the `_entities` of this key or, where it is null, from the root on. */
function fetchedBy(
  { query }: SubgraphOperation,
  rewrites: Parameters<typeof renamedKeys>[0],
  entities: string | null,
): Fetched {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const renamed = renamedKeys(rewrites);
  const into = (set: SelectionSetNode, brought: Fetched): Fetched => {
    for (const node of set.selections) {
      if (node.kind !== Kind.FIELD) {
        const { selectionSet } = node.kind === Kind.INLINE_FRAGMENT ? node : (fragments.get(node.name.value) ?? {});
        if (selectionSet) into(selectionSet, brought);
        continue;
      }
      const key = node.alias?.value ?? node.name.value;
      // Both names: which of them stands in the response depends on the place.
      for (const name of new Set([key, renamed.get(key) ?? key])) {
        const below = brought.get(name) ?? new Map<string, Fetched>();
        if (node.selectionSet) into(node.selectionSet, below);
        brought.set(name, below);
      }
    }
    return brought;
  };
  const all: Fetched = new Map();
  for (const each of definitions) if (each.kind === Kind.OPERATION_DEFINITION) into(each.selectionSet, all);
  return entities === null ? all : (all.get(entities) ?? new Map<string, Fetched>());
}

function namesOf(path: readonly PathSegment[]): readonly string[] {
  return path.flatMap((segment) => (segment.kind === 'field' ? [segment.name] : []));
}

function at(fetched: Fetched, path: readonly PathSegment[]): Fetched | null {
  let place: Fetched | undefined = fetched;
  for (const name of namesOf(path)) place = place?.get(name);
  return place ?? null;
}

function merge(into: Fetched, more: Fetched): void {
  for (const [key, below] of more) {
    const known = into.get(key);
    if (known === undefined) into.set(key, copyOf(below));
    else if (known !== below) merge(known, below);
  }
}

function copyOf(fetched: Fetched): Fetched {
  return new Map([...fetched].map(([key, below]) => [key, copyOf(below)]));
}
