import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, isTypeDefinitionNode, Kind, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema, NamedTypeNode } from 'graphql';

/** The schema that clients see: the supergraph without its joins, links and inaccessible parts. */
export function buildApiSchema(supergraph: DocumentNode): GraphQLSchema {
  return buildASTSchema(withoutDanglingNames(transformSupergraphToPublicSchema(supergraph)), { assumeValidSDL: true });
}

/** Unions and `implements` lists may still name a type that was taken out as inaccessible. */
function withoutDanglingNames(document: DocumentNode): DocumentNode {
  const defined = new Set(document.definitions.filter(isTypeDefinitionNode).map((node) => node.name.value));
  const known = (nodes: readonly NamedTypeNode[] | undefined): readonly NamedTypeNode[] =>
    (nodes ?? []).filter((node) => defined.has(node.name.value));
  return visit(document, {
    [Kind.UNION_TYPE_DEFINITION]: (node) => ({ ...node, types: known(node.types) }),
    [Kind.OBJECT_TYPE_DEFINITION]: (node) => ({ ...node, interfaces: known(node.interfaces) }),
    [Kind.INTERFACE_TYPE_DEFINITION]: (node) => ({ ...node, interfaces: known(node.interfaces) }),
  });
}
