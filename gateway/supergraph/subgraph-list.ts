import { Kind } from 'graphql';
import type { ConstDirectiveNode, DocumentNode } from 'graphql';
import { SupergraphError } from '../errors.ts';

export interface SubgraphEntry {
  /** As the supergraph's directives name it. */
  readonly id: string;
  readonly name: string;
  /** Where the supergraph says that it is; empty where it says nothing. */
  readonly url: string;
}

/** The subgraphs that a supergraph was composed from, off its `join__Graph` enum. */
export function listSubgraphs(supergraph: DocumentNode): readonly SubgraphEntry[] {
  const graphs = supergraph.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) {
    throw new SupergraphError(
      'this is not a supergraph: it has no enum join__Graph. Compose the subgraphs first (npm run compose)',
    );
  }
  return (graphs.values ?? []).map((value) => {
    const graph = value.directives?.find((directive) => directive.name.value === 'join__graph');
    return {
      id: value.name.value,
      name: (graph && argument(graph, 'name')) ?? value.name.value,
      url: (graph && argument(graph, 'url')) ?? '',
    };
  });
}

function argument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((node) => node.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
