import { Kind, print, visit } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, ObjectTypeDefinitionNode } from 'graphql';

/**
 * The same supergraph with fewer keys: where every subgraph of an entity resolves it by one and the same key, the others are not
 * needed to get from one to another. Null where there is nothing to leave out. The Rust planner ends over requirements that come back
 * to a subgraph with two keys; with one it plans them.
 */
export function simplifyKeys(supergraph: DocumentNode): string | null {
  const keyed = new Set<string>();
  for (const node of supergraph.definitions)
    if (
      node.kind === Kind.INTERFACE_TYPE_DEFINITION &&
      joins(node.directives).some((join) => keyOf(join) !== undefined)
    )
      keyed.add(node.name.value);
  const changed = new Set<string>();
  const simplified = visit(supergraph, {
    [Kind.OBJECT_TYPE_DEFINITION]: (node): ObjectTypeDefinitionNode | undefined => {
      // A key of an interface must stay one of its types.
      if (node.interfaces?.some(({ name }) => keyed.has(name.value))) return undefined;
      const common = commonKey(joins(node.directives));
      if (common === undefined) return undefined;
      const directives = (node.directives ?? []).filter((each) => {
        const key = each.name.value === 'join__type' ? keyOf(each) : undefined;
        return key === undefined || key === common;
      });
      if (directives.length === node.directives?.length) return undefined;
      changed.add(node.name.value);
      return { ...node, directives };
    },
  });
  return changed.size > 0 ? print(simplified) : null;
}

/** The first key by which every subgraph of a type resolves it. */
function commonKey(types: readonly ConstDirectiveNode[]): string | undefined {
  const byGraph = new Map<string, Set<string>>();
  for (const join of types) {
    const graph = valueOf(join, 'graph') ?? '';
    const keys = byGraph.get(graph) ?? new Set<string>();
    byGraph.set(graph, keys);
    const key = keyOf(join);
    if (key !== undefined && valueOf(join, 'resolvable') !== 'false') keys.add(key);
  }
  const [first, ...others] = [...byGraph.values()];
  return [...(first ?? [])].find((key) => others.every((keys) => keys.has(key)));
}

function joins(directives: readonly ConstDirectiveNode[] | undefined): readonly ConstDirectiveNode[] {
  return (directives ?? []).filter(({ name }) => name.value === 'join__type');
}

function keyOf(join: ConstDirectiveNode): string | undefined {
  return valueOf(join, 'key');
}

function valueOf(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value?.kind === Kind.BOOLEAN) return String(value.value);
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}
