import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { buildASTSchema, isTypeDefinitionNode, Kind, parse, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema, NamedTypeNode } from 'graphql';

/** As the incremental delivery proposal has it (version 20220824). */
const defer = parse(
  `"Lets the server send a fragment after the rest of the response."
  directive @defer(
    "What the client calls the fragment in what comes later."
    label: String
    "False sends it with the rest."
    if: Boolean! = true
  ) on FRAGMENT_SPREAD | INLINE_FRAGMENT`,
  { noLocation: true },
);

/** The schema that clients see: the supergraph without its joins, links and inaccessible parts. */
export function buildApiSchema(supergraph: DocumentNode): GraphQLSchema {
  const { kind, definitions } = withoutDanglingNames(transformSupergraphToPublicSchema(supergraph));
  const hasDefer = definitions.some((node) => node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === 'defer');
  const document = { kind, definitions: hasDefer ? definitions : [...definitions, ...defer.definitions] };
  return buildASTSchema(document, { assumeValidSDL: true });
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
