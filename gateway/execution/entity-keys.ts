import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';

/** For each `_entities` field of a subgraph operation, by its response key: the response keys that it asks of an entity. */
export function entityKeys(query: string): ReadonlyMap<string, readonly string[]> {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map(
    definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const collect = (set: SelectionSetNode | undefined, keys: Set<string>): Set<string> => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) {
        if (node.name.value !== '__typename') keys.add(node.alias?.value ?? node.name.value);
      } else
        collect(
          node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet,
          keys,
        );
    }
    return keys;
  };
  const result = new Map<string, readonly string[]>();
  for (const operation of definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const node of operation.selectionSet.selections) {
      if (node.kind !== Kind.FIELD) continue;
      const keys = collect(node.selectionSet, new Set());
      // A fetch may ask for nothing but which type an entity has.
      result.set(node.alias?.value ?? node.name.value, keys.size > 0 ? [...keys] : ['__typename']);
    }
  }
  return result;
}
