import { Kind, OperationTypeNode, parse, print, visit } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  InlineFragmentNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { PartialUnions } from '../supergraph/partial-unions.ts';
import type { TypeIndex } from '../supergraph/type-index.ts';
import { mapFetches } from './map-fetches.ts';
import type { EntityFetch, PathSegment, Plan, PlanNode, RootFetch, SubgraphOperation } from './plan.ts';

export interface CompleteUnionsOptions {
  readonly plan: Plan;
  /** The operation that was planned. */
  readonly document: DocumentNode;
  readonly unions: PartialUnions;
  readonly types: TypeIndex;
}

/**
 * Where a union has other members in one subgraph than in the next, the planner asks for the common ones only, even on a way
 * that just one subgraph can answer: the others would come back empty without a word. What the client wants of a member that
 * the asked subgraph does have is put back. Rejects with an error where that cannot be said in one operation.
 */
export function completeUnions(options: CompleteUnionsOptions): Plan {
  const { plan } = options;
  const completion = new Completion(options);
  return { ...plan, node: plan.node && mapFetches(plan.node, (fetch) => completion.fetch(fetch)) };
}

/** What the client selects at one place. */
type Wanted = readonly SelectionSetNode[];

class Completion {
  readonly #unions: PartialUnions;
  readonly #types: TypeIndex;
  readonly #client: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor({ document, unions, types }: CompleteUnionsOptions) {
    this.#unions = unions;
    this.#types = types;
    this.#client = operationOf(document);
    this.#fragments = fragmentsOf(document);
  }

  fetch(fetch: RootFetch | EntityFetch): PlanNode {
    if (fetch.kind === 'root')
      return { ...fetch, operation: this.#operation(fetch.operation, () => [this.#client.selectionSet]) };
    const wanted = new Map(fetch.groups.map(({ key, paths }) => [key, paths.flatMap((path) => this.#wantedAt(path))]));
    return { ...fetch, operation: this.#operation(fetch.operation, (key) => wanted.get(key) ?? []) };
  }

  #operation(operation: SubgraphOperation, wantedOf: (key: string) => Wanted): SubgraphOperation {
    const document = parse(operation.query, { noLocation: true });
    const definition = operationOf(document);
    const spread = expand(definition.selectionSet, fragmentsOf(document));
    const added: FieldNode[] = [];
    const selections = spread.selections.map((node): SelectionNode => {
      if (node.kind !== Kind.FIELD) return node;
      const wanted = wantedOf(keyOf(node));
      if (node.name.value !== '_entities') {
        const root = rootTypes[definition.operation];
        return this.#field(node, root, wanted, operation.subgraph, added);
      }
      return node.selectionSet
        ? { ...node, selectionSet: this.#set(node.selectionSet, '', wanted, operation.subgraph, added) }
        : node;
    });
    if (added.length === 0) return operation;
    const variables = new Set(operation.variables);
    for (const field of added) visit(field, { [Kind.VARIABLE]: ({ name }) => void variables.add(name.value) });
    const definitions = definition.variableDefinitions ?? [];
    const missing = (this.#client.variableDefinitions ?? []).filter(
      ({ variable: { name } }) =>
        variables.has(name.value) && !definitions.some((known) => known.variable.name.value === name.value),
    );
    const completed: OperationDefinitionNode = {
      ...definition,
      variableDefinitions: [...definitions, ...missing],
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    };
    return { ...operation, query: print(completed), variables: [...variables] };
  }

  #set(set: SelectionSetNode, parent: string, wanted: Wanted, subgraph: string, added: FieldNode[]): SelectionSetNode {
    const selections = set.selections.map((node): SelectionNode => {
      if (node.kind === Kind.FIELD) return this.#field(node, parent, wanted, subgraph, added);
      if (node.kind === Kind.FRAGMENT_SPREAD) return node;
      const type = node.typeCondition?.name.value ?? parent;
      return { ...node, selectionSet: this.#set(node.selectionSet, type, wanted, subgraph, added) };
    });
    return { ...set, selections };
  }

  #field(node: FieldNode, parent: string, wanted: Wanted, subgraph: string, added: FieldNode[]): FieldNode {
    const type = this.#unions.typeIn(subgraph, parent, node.name.value);
    if (!node.selectionSet || type === undefined) return node;
    const below = this.#below(wanted, keyOf(node));
    const set = this.#set(node.selectionSet, type, below, subgraph, added);
    const asked = new Set(set.selections.flatMap((child) => typeConditionOf(child) ?? []));
    const absent = (this.#unions.membersIn(type, subgraph) ?? []).filter((member) => !asked.has(member));
    const fragments = absent.flatMap((member) => this.#member(member, below, subgraph));
    added.push(...fragments.flatMap((fragment) => fragment.selectionSet.selections.filter(isField)));
    const selections = [...set.selections, ...fragments];
    if (fragments.length > 0) this.#refuseConflicts(selections, subgraph);
    return { ...node, selectionSet: { ...set, selections } };
  }

  #member(member: string, wanted: Wanted, subgraph: string): readonly InlineFragmentNode[] {
    const selections = this.#answerable(member, wanted, subgraph);
    if (selections.length === 0) return [];
    const name = { kind: Kind.NAME, value: member } as const;
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: { kind: Kind.NAMED_TYPE, name },
        selectionSet: { kind: Kind.SELECTION_SET, selections },
      },
    ];
  }

  /** The wanted fields of an object type that the subgraph answers by itself, those below them included. */
  #answerable(type: string, wanted: Wanted, subgraph: string): readonly FieldNode[] {
    return wanted
      .flatMap((set) => this.#fieldsOn(type, set))
      .flatMap((field): readonly FieldNode[] => {
        if (!this.#unions.answers(subgraph, type, field.name.value)) return [];
        if (!field.selectionSet) return [field];
        const below = this.#unions.typeIn(subgraph, type, field.name.value);
        if (below === undefined) return [];
        const selections = this.#types.isObjectType(below)
          ? this.#answerable(below, [field.selectionSet], subgraph)
          : [];
        return selections.length === 0 ? [] : [{ ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } }];
      });
  }

  /** A subgraph refuses one response key for two types of answer. */
  #refuseConflicts(selections: readonly SelectionNode[], subgraph: string): void {
    const types = new Map<string, string | undefined>();
    for (const node of selections) {
      const member = typeConditionOf(node);
      if (node.kind !== Kind.INLINE_FRAGMENT || member === undefined) continue;
      for (const field of node.selectionSet.selections.filter(isField)) {
        const type = this.#unions.typeIn(subgraph, member, field.name.value);
        const key = keyOf(field);
        if (types.has(key) && types.get(key) !== type)
          throw new Error(`members of a union are asked for different types under the response key ${key}`);
        types.set(key, type);
      }
    }
  }

  #fieldsOn(type: string, set: SelectionSetNode): readonly FieldNode[] {
    return this.#flat(set, (condition) => this.#types.satisfies(type, condition)).filter(
      (field) => field.name.value !== '__typename',
    );
  }

  #below(wanted: Wanted, key: string): Wanted {
    return wanted
      .flatMap((set) => this.#flat(set, () => true))
      .flatMap((field) => (keyOf(field) === key && field.selectionSet ? [field.selectionSet] : []));
  }

  #wantedAt(path: readonly PathSegment[]): Wanted {
    return path.reduce<Wanted>(
      (wanted, segment) => (segment.kind === 'field' ? this.#below(wanted, segment.name) : wanted),
      [this.#client.selectionSet],
    );
  }

  #flat(set: SelectionSetNode, applies: (condition: string) => boolean): readonly FieldNode[] {
    return set.selections.flatMap((node): readonly FieldNode[] => {
      if (node.kind === Kind.FIELD) return [node];
      const target = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
      if (!target || (target.typeCondition && !applies(target.typeCondition.name.value))) return [];
      return this.#flat(target.selectionSet, applies);
    });
  }
}

const rootTypes: Readonly<Record<OperationTypeNode, string>> = {
  [OperationTypeNode.QUERY]: 'Query',
  [OperationTypeNode.MUTATION]: 'Mutation',
  [OperationTypeNode.SUBSCRIPTION]: 'Subscription',
};

function operationOf(document: DocumentNode): OperationDefinitionNode {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('the document has no operation');
  return operation;
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
}

/** The same selections without named fragments. */
function expand(set: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): SelectionSetNode {
  const selections = set.selections.map((node): SelectionNode => {
    if (node.kind === Kind.FIELD)
      return node.selectionSet ? { ...node, selectionSet: expand(node.selectionSet, fragments) } : node;
    const target = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
    if (!target) return node;
    return {
      kind: Kind.INLINE_FRAGMENT,
      ...(target.typeCondition ? { typeCondition: target.typeCondition } : {}),
      selectionSet: expand(target.selectionSet, fragments),
    };
  });
  return { ...set, selections };
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function typeConditionOf(node: SelectionNode): string | undefined {
  return node.kind === Kind.INLINE_FRAGMENT ? node.typeCondition?.name.value : undefined;
}

function isField(node: SelectionNode): node is FieldNode {
  return node.kind === Kind.FIELD;
}
