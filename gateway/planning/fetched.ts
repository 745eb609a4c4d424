import { Kind, parse } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { EntityFetch, PathSegment, PlanNode, SubgraphOperation } from './plan.ts';
import { renamedKeys } from './renamed-keys.ts';

/** A place of the response, lists aside: how it was asked for so far, and what was asked for below it, by response key. */
export interface Place {
  readonly asked: Asked[];
  readonly below: Map<string, Place>;
}

export interface Asked {
  readonly field: FieldNode;
  /** The conditions on the object's type that stood around the field. */
  readonly on: readonly string[];
}

/** Told of an entity fetch and of what was fetched before it; gives what takes its place. */
type Visit = (fetch: EntityFetch, before: Place) => EntityFetch;

/** Goes through a plan in the order in which it is run, and gives the plan as `visit` made it. */
export function runInOrder<Node extends PlanNode | null>(nodes: readonly Node[], visit: Visit): readonly Node[] {
  const fetched = createPlace();
  return nodes.map((node) => (node === null ? node : (run(node, fetched, visit) as Node)));
}

function run(node: PlanNode, fetched: Place, visit: Visit): PlanNode {
  switch (node.kind) {
    case 'root':
      merge(fetched, fetchedBy(node.operation, node.outputRewrites, null));
      return node;
    case 'entities': {
      const visited = visit(node, fetched);
      supply(visited, fetched);
      return visited;
    }
    case 'sequence':
      return { ...node, nodes: node.nodes.map((each) => run(each, fetched, visit)) };
    case 'parallel': {
      const branches = inBranches(node.nodes, fetched, visit);
      return { ...node, nodes: branches };
    }
    case 'condition': {
      const [whenTrue = null, whenFalse = null] = inBranches([node.whenTrue, node.whenFalse], fetched, visit);
      return { ...node, whenTrue, whenFalse };
    }
  }
}

/** No branch sees what the others bring; what comes after them sees all of it. */
function inBranches<Node extends PlanNode | null>(
  nodes: readonly Node[],
  fetched: Place,
  visit: Visit,
): readonly Node[] {
  const branches = nodes.map((node) => {
    const seen = copyOf(fetched);
    return { node: node === null ? node : (run(node, seen, visit) as Node), seen };
  });
  for (const { seen } of branches) merge(fetched, seen);
  return branches.map(({ node }) => node);
}

function supply({ operation, groups }: EntityFetch, fetched: Place): void {
  for (const { key, paths, outputRewrites } of groups) {
    const brought = fetchedBy(operation, outputRewrites, key);
    for (const path of paths) {
      const place = placeAt(fetched, path);
      if (place) merge(place, brought);
    }
  }
}

/** What a fetch brings: below the `_entities` of this key or, where it is null, from the root on. */
function fetchedBy(
  { query }: SubgraphOperation,
  rewrites: Parameters<typeof renamedKeys>[0],
  entities: string | null,
): Place {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const renamed = renamedKeys(rewrites);
  const into = (set: SelectionSetNode, brought: Place, on: readonly string[]): Place => {
    for (const node of set.selections) {
      if (node.kind !== Kind.FIELD) {
        const target = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        if (target)
          into(target.selectionSet, brought, target.typeCondition ? [...on, target.typeCondition.name.value] : on);
        continue;
      }
      const key = node.alias?.value ?? node.name.value;
      // Both names: which of them stands in the response depends on the place.
      for (const name of new Set([key, renamed.get(key) ?? key])) {
        const place = brought.below.get(name) ?? createPlace();
        place.asked.push({ field: node, on });
        if (node.selectionSet) into(node.selectionSet, place, []);
        brought.below.set(name, place);
      }
    }
    return brought;
  };
  const all = createPlace();
  for (const each of definitions) if (each.kind === Kind.OPERATION_DEFINITION) into(each.selectionSet, all, []);
  if (entities === null) return all;
  return { asked: [], below: all.below.get(entities)?.below ?? new Map<string, Place>() };
}

/** The names of the fields on a path. */
export function namesOf(path: readonly PathSegment[]): readonly string[] {
  return path.flatMap((segment) => (segment.kind === 'field' ? [segment.name] : []));
}

/** The place at the end of a path, types aside; null where nothing was asked for there. */
export function placeAt(fetched: Place, path: readonly PathSegment[]): Place | null {
  let place: Place | undefined = fetched;
  for (const name of namesOf(path)) place = place?.below.get(name);
  return place ?? null;
}

function createPlace(): Place {
  return { asked: [], below: new Map() };
}

function merge(into: Place, more: Place): void {
  for (const each of more.asked) if (!into.asked.includes(each)) into.asked.push(each);
  for (const [key, below] of more.below) {
    const known = into.below.get(key);
    if (known === undefined) into.below.set(key, copyOf(below));
    else if (known !== below) merge(known, below);
  }
}

function copyOf({ asked, below }: Place): Place {
  return { asked: [...asked], below: new Map([...below].map(([key, place]) => [key, copyOf(place)])) };
}
