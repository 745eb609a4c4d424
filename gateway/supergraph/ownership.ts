import { isTypeDefinitionNode, Kind, parse, print } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldDefinitionNode, SelectionSetNode } from 'graphql';
import { listSubgraphs } from './subgraph-list.ts';

/** What one subgraph says of a field. */
export interface FieldOwnership {
  /** The type that the field gives there, without lists and nulls. */
  readonly type: string;
  /** The same as the subgraph writes it. */
  readonly signature: string;
  /** False where the subgraph only names it: somebody else resolves it. */
  readonly resolves: boolean;
  /** What of its entity it has to be sent. */
  readonly requires: SelectionSetNode | null;
  /** What else it resolves on the way through this field. */
  readonly provides: SelectionSetNode | null;
}

/** Which subgraph can answer what, off the directives of a supergraph. */
export interface Ownership {
  /** Undefined where the subgraph does not have the field. */
  field(subgraph: string, type: string, field: string): FieldOwnership | undefined;
  /** True where the subgraph has the type. */
  hasType(subgraph: string, type: string): boolean;
  /** True for a type that has fields, or whose members do: none of it is told without a selection. */
  isComposite(type: string): boolean;
  /** The fields at the top of each key by which a subgraph resolves a type. */
  keys(subgraph: string, type: string): readonly (readonly string[])[];
  /** The object types that an interface or union stands for in a subgraph; the type itself for an object. */
  possibleTypes(subgraph: string, type: string): readonly string[];
  /** The names of the root types. */
  readonly roots: Readonly<Record<'query' | 'mutation' | 'subscription', string>>;
}

/** Reads ownership off a composed supergraph. */
export function readOwnership(supergraph: DocumentNode): Ownership {
  const names = new Map(listSubgraphs(supergraph).map(({ id, name }) => [id, name]));
  const graphOf = (directive: ConstDirectiveNode): string | undefined => {
    const id = given(directive, 'graph');
    return id === undefined ? undefined : (names.get(id) ?? id);
  };
  const types = new Set<string>();
  const composites = new Set<string>();
  const interfaceObjects = new Set<string>();
  const fields = new Map<string, FieldOwnership>();
  const members = new Map<string, Set<string>>();
  const keys = new Map<string, (readonly string[])[]>();
  const roots = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
  const addMember = (graph: string | undefined, type: string, member: string): void => {
    if (graph === undefined) return;
    const key = `${graph} ${type}`;
    members.set(key, (members.get(key) ?? new Set()).add(member));
  };
  for (const node of supergraph.definitions) {
    if (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION)
      for (const { operation, type } of node.operationTypes ?? []) roots[operation] = type.name.value;
    if (!isTypeDefinitionNode(node)) continue;
    const name = node.name.value;
    const graphs: string[] = [];
    for (const directive of node.directives ?? []) {
      const graph = graphOf(directive);
      if (graph === undefined) continue;
      if (directive.name.value === 'join__type') {
        graphs.push(graph);
        types.add(`${graph} ${name}`);
        const key = given(directive, 'key');
        const at = `${graph} ${name}`;
        if (key !== undefined) keys.set(at, [...(keys.get(at) ?? []), namesOf(fieldSet(key))]);
        if (isTrue(directive, 'isInterfaceObject')) interfaceObjects.add(`${graph} ${name}`);
      } else if (directive.name.value === 'join__unionMember') addMember(graph, name, given(directive, 'member') ?? '');
      else if (directive.name.value === 'join__implements' && node.kind === Kind.OBJECT_TYPE_DEFINITION)
        addMember(graph, given(directive, 'interface') ?? '', name);
    }
    if (node.kind === Kind.UNION_TYPE_DEFINITION) composites.add(name);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    composites.add(name);
    for (const field of node.fields ?? [])
      for (const [graph, ownership] of ownershipOf(field, graphs, graphOf))
        fields.set(`${graph} ${name}.${field.name.value}`, ownership);
  }
  return {
    field: (subgraph, type, field) => fields.get(`${subgraph} ${type}.${field}`),
    hasType: (subgraph, type) => types.has(`${subgraph} ${type}`),
    isComposite: (type) => composites.has(type),
    keys: (subgraph, type) => keys.get(`${subgraph} ${type}`) ?? [],
    possibleTypes: (subgraph, type) => {
      const key = `${subgraph} ${type}`;
      return interfaceObjects.has(key) ? [type] : [...(members.get(key) ?? [type])];
    },
    roots,
  };
}

function ownershipOf(
  field: FieldDefinitionNode,
  graphs: readonly string[],
  graphOf: (directive: ConstDirectiveNode) => string | undefined,
): readonly (readonly [string, FieldOwnership])[] {
  const own = print(field.type);
  const joins = (field.directives ?? []).filter((directive) => directive.name.value === 'join__field');
  // Without a word about it, a field is in every subgraph that has its type.
  if (joins.length === 0)
    return graphs.map((graph) => [
      graph,
      { type: nameOf(own), signature: own, resolves: true, requires: null, provides: null },
    ]);
  return joins.flatMap((join): readonly (readonly [string, FieldOwnership])[] => {
    const graph = graphOf(join);
    if (graph === undefined) return [];
    const provides = given(join, 'provides');
    const requires = given(join, 'requires');
    const signature = given(join, 'type') ?? own;
    return [
      [
        graph,
        {
          type: nameOf(signature),
          signature,
          // An overridden field is still there while its label may be off.
          resolves:
            !isTrue(join, 'external') &&
            (!isTrue(join, 'usedOverridden') || given(join, 'overrideLabel') !== undefined),
          requires: requires === undefined ? null : fieldSet(requires),
          provides: provides === undefined ? null : fieldSet(provides),
        },
      ],
    ];
  });
}

function fieldSet(text: string): SelectionSetNode | null {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet : null;
}

function namesOf(set: SelectionSetNode | null): readonly string[] {
  return (set?.selections ?? []).flatMap((node) => (node.kind === Kind.FIELD ? [node.name.value] : []));
}

function isTrue(directive: ConstDirectiveNode, name: string): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

function given(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.ENUM || value?.kind === Kind.STRING ? value.value : undefined;
}

/** The name in a type that is written with its lists and nulls. */
function nameOf(signature: string): string {
  return signature.replace(/[[\]!]/g, '');
}
