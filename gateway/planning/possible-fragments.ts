import { Kind, parse, print } from 'graphql';
import type { DefinitionNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { Ownership } from '../supergraph/ownership.ts';
import { mapFetches } from './map-fetches.ts';
import type { Plan, SubgraphOperation } from './plan.ts';

/**
 * Leaves out of a plan's operations the fragments that no object at their place can be of, for which a subgraph refuses the whole operation. The
 * Rust planner writes them where a field of an `@interfaceObject` requires one of the interface and the entity came as one of its types.
 */
export function dropImpossible(plan: Plan, ownership: Ownership): Plan {
  const operation = (given: SubgraphOperation): SubgraphOperation => possible(given, ownership);
  return {
    node: plan.node && mapFetches(plan.node, (fetch) => ({ ...fetch, operation: operation(fetch.operation) })),
    primary: plan.primary && { ...plan.primary, operation: operation(plan.primary.operation) },
  };
}

function possible(operation: SubgraphOperation, ownership: Ownership): SubgraphOperation {
  const { subgraph, query, kind } = operation;
  if (!query.includes('...')) return operation;
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map(definitions.filter(isFragment).map((node) => [node.name.value, node]));
  const used = new Set<FragmentDefinitionNode>();
  let dropped = 0;
  const canBe = (type: string | null, condition: string | null): boolean => {
    if (type === null || condition === null) return true;
    const types = ownership.possibleTypes(subgraph, type);
    return ownership.possibleTypes(subgraph, condition).some((each) => types.includes(each));
  };
  /** `type` is null among entities, where only fragments say what there is. */
  const reduce = (set: SelectionSetNode, type: string | null): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((node): readonly SelectionNode[] => {
      if (node.kind === Kind.FIELD) {
        if (!node.selectionSet) return [node];
        const below = type === null ? undefined : ownership.field(subgraph, type, node.name.value);
        return [{ ...node, selectionSet: reduce(node.selectionSet, below?.type ?? null) }];
      }
      const target = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
      const condition = target?.typeCondition?.name.value ?? type;
      if (target && canBe(type, condition)) {
        if (target.kind === Kind.FRAGMENT_DEFINITION) used.add(target);
        if (node.kind === Kind.FRAGMENT_SPREAD) return [node];
        const selectionSet = reduce(node.selectionSet, condition);
        if (selectionSet.selections.length > 0) return [{ ...node, selectionSet }];
      }
      dropped += 1;
      return [];
    }),
  });
  const reduced = definitions.flatMap((node): readonly DefinitionNode[] =>
    node.kind === Kind.OPERATION_DEFINITION
      ? [{ ...node, selectionSet: reduce(node.selectionSet, ownership.roots[kind]) }]
      : [],
  );
  // A set grows while it is gone through: fragments spread others.
  for (const node of used)
    reduced.push({ ...node, selectionSet: reduce(node.selectionSet, node.typeCondition.name.value) });
  return dropped === 0 ? operation : { ...operation, query: print({ kind: Kind.DOCUMENT, definitions: reduced }) };
}

function isFragment(node: DefinitionNode): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}
