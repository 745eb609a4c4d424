import { Kind, parse, print, visit } from 'graphql';
import type { ConstArgumentNode, ConstDirectiveNode, DocumentNode } from 'graphql';
import { listSubgraphs } from '../supergraph/subgraph-list.ts';

/** A supergraph under other subgraph names, and the way back to the real ones. */
export interface OrderedSupergraph {
  readonly sdl: string;
  /** The real name of a subgraph. */
  readonly realName: (name: string) => string;
}

/**
 * The Rust planner goes through subgraphs by their names, and finds no way from an `@interfaceObject` to the fields of one
 * implementation unless the subgraph that owns the interface comes first. So it gets names that put owners first.
 */
export function orderSubgraphs(supergraphSdl: string): OrderedSupergraph {
  const document = parse(supergraphSdl, { noLocation: true });
  const borrowed = countInterfaceObjects(document);
  const graphs = [...listSubgraphs(document)].sort((a, b) => (borrowed.get(a.id) ?? 0) - (borrowed.get(b.id) ?? 0));
  const aliases = new Map(graphs.map(({ name }, index) => [name, `g${String(index).padStart(5, '0')}`]));
  const names = new Map([...aliases].map(([name, alias]) => [alias, name]));
  const renamed = visit(document, {
    [Kind.DIRECTIVE]: (node): ConstDirectiveNode | undefined => {
      const argument =
        node.name.value === 'join__graph' ? 'name' : node.name.value === 'join__field' ? 'override' : undefined;
      if (argument === undefined) return undefined;
      return {
        ...(node as ConstDirectiveNode),
        arguments: (node.arguments ?? []).map((given) => rename(given as ConstArgumentNode, argument, aliases)),
      };
    },
  });
  return { sdl: print(renamed), realName: (name) => names.get(name) ?? name };
}

function rename(node: ConstArgumentNode, argument: string, aliases: ReadonlyMap<string, string>): ConstArgumentNode {
  if (node.name.value !== argument || node.value.kind !== Kind.STRING) return node;
  return { ...node, value: { ...node.value, value: aliases.get(node.value.value) ?? node.value.value } };
}

/** By graph: how many interfaces it knows as objects only. */
function countInterfaceObjects(document: DocumentNode): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  visit(document, {
    [Kind.DIRECTIVE]: (node) => {
      if (node.name.value !== 'join__type') return;
      const given = (name: string): ConstArgumentNode['value'] | undefined =>
        (node.arguments as readonly ConstArgumentNode[] | undefined)?.find((argument) => argument.name.value === name)
          ?.value;
      const graph = given('graph');
      const interfaceObject = given('isInterfaceObject');
      if (graph?.kind !== Kind.ENUM || interfaceObject?.kind !== Kind.BOOLEAN || !interfaceObject.value) return;
      counts.set(graph.value, (counts.get(graph.value) ?? 0) + 1);
    },
  });
  return counts;
}
