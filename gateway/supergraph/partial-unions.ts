import { Kind } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, TypeNode } from 'graphql';
import { listSubgraphs } from './subgraph-list.ts';

/** Unions that have other members in one subgraph than in the next, and what it takes to ask each subgraph for its own. */
export interface PartialUnions {
  /** The members that a union has in a subgraph; undefined for a type that is no union, or the same union everywhere. */
  membersIn(union: string, subgraph: string): readonly string[] | undefined;
  /** The name of the type that a field gives in a subgraph, without lists and nulls. */
  typeIn(subgraph: string, parent: string, field: string): string | undefined;
  /** True where a subgraph answers a field by itself. */
  answers(subgraph: string, parent: string, field: string): boolean;
}

/** Reads them off a supergraph; null where every union is the same everywhere. */
export function readPartialUnions(supergraph: DocumentNode): PartialUnions | null {
  const nameOf = new Map(listSubgraphs(supergraph).map(({ id, name }) => [id, name]));
  const graphOf = (directive: ConstDirectiveNode): string | undefined => {
    const id = given(directive, 'graph');
    return id === undefined ? undefined : (nameOf.get(id) ?? id);
  };
  const unions = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const fields = new Map<string, FieldDefinitionNode>();
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.UNION_TYPE_DEFINITION) {
      const members = membersByGraph(node.directives ?? [], graphOf);
      if (new Set([...members.values()].map((names) => names.toSorted().join(' '))).size > 1)
        unions.set(node.name.value, members);
    } else if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const field of node.fields ?? []) fields.set(`${node.name.value}.${field.name.value}`, field);
    }
  }
  if (unions.size === 0) return null;
  return {
    membersIn: (union, subgraph) => unions.get(union)?.get(subgraph),
    typeIn: (subgraph, parent, field) => {
      const node = fields.get(`${parent}.${field}`);
      const own = node && ownersOf(node).find((owner) => graphOf(owner) === subgraph);
      return (own && given(own, 'type')?.replace(/[[\]!]/g, '')) ?? nameOfType(node?.type);
    },
    answers: (subgraph, parent, field) => {
      const node = fields.get(`${parent}.${field}`);
      if (!node) return false;
      const owners = ownersOf(node);
      // Without an owner a field is in every subgraph that has its type.
      return owners.length === 0 || owners.some((owner) => graphOf(owner) === subgraph && isOwned(owner));
    },
  };
}

function membersByGraph(
  directives: readonly ConstDirectiveNode[],
  graphOf: (directive: ConstDirectiveNode) => string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const directive of directives) {
    const graph = directive.name.value === 'join__unionMember' ? graphOf(directive) : undefined;
    const member = given(directive, 'member');
    if (graph !== undefined && member !== undefined) members.set(graph, [...(members.get(graph) ?? []), member]);
  }
  return members;
}

function ownersOf(node: FieldDefinitionNode): readonly ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === 'join__field');
}

function isOwned(directive: ConstDirectiveNode): boolean {
  return !(directive.arguments ?? []).some(
    ({ name, value }) =>
      name.value === 'requires' ||
      ((name.value === 'external' || name.value === 'usedOverridden') && value.kind === Kind.BOOLEAN && value.value),
  );
}

function given(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : undefined;
}

function nameOfType(type: TypeNode | undefined): string | undefined {
  if (type === undefined) return undefined;
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOfType(type.type);
}
