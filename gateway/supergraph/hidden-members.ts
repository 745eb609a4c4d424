import { Kind } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';

/** The interfaces and unions that have object types which clients may not see among their members. */
export function typesWithHiddenMembers(supergraph: DocumentNode, apiSchema: GraphQLSchema): ReadonlySet<string> {
  const abstract = new Set<string>();
  const hidden = new Set<string>();
  for (const node of supergraph.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || apiSchema.getType(node.name.value)) continue;
    hidden.add(node.name.value);
    for (const parent of node.interfaces ?? []) abstract.add(parent.name.value);
  }
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.UNION_TYPE_DEFINITION && node.types?.some((member) => hidden.has(member.name.value)))
      abstract.add(node.name.value);
  }
  return abstract;
}
