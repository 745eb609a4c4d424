import { isAbstractType, isCompositeType, isObjectType, isInterfaceType, getNamedType, Kind } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLNamedOutputType,
  GraphQLObjectType,
  InlineFragmentNode,
  NamedTypeNode,
  SelectionNode,
  SelectionSetNode,
  VariableDefinitionNode,
} from 'graphql';
import { visit } from 'graphql';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { Access } from './access.ts';
import { deferOf } from './deferral.ts';
import type { Operation } from './operation.ts';
import { renameVariables } from '../planning/variable-names.ts';
import { isIncluded, isIntrospectionField } from './selection.ts';

export interface SpecialiseOptions {
  readonly supergraph: Supergraph;
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly access: Access;
  /** Whether fragments stay marked that may come later; the operation is one of `expandDeferred` then. */
  readonly keepsDeferred?: boolean;
}

/**
 * The part of an operation that subgraphs have to answer: conditions settled, introspection and what the caller may not read
 * left out, contested response keys and variables renamed. Null where nothing is left. The planner sees this form only.
 */
export function specialise(options: SpecialiseOptions): DocumentNode | null {
  return new Specialiser(options).run();
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

class Specialiser {
  readonly #options: SpecialiseOptions;
  /** Fragments as far as they are done; null for one of which nothing is left. */
  readonly #fragments = new Map<string, FragmentDefinitionNode | null>();
  /** How often something was left out that the caller may not read. */
  #denials = 0;
  /** Fragments in which it was. */
  readonly #deniedIn = new Set<string>();

  constructor(options: SpecialiseOptions) {
    this.#options = options;
  }

  run(): DocumentNode | null {
    const { operation, supergraph } = this.#options;
    const root = supergraph.apiSchema.getRootType(operation.node.operation);
    if (!root) return null;
    const selections = this.#selections(operation.node.selectionSet, root);
    if (!selections.some((node) => node !== typename && !isTypename(node))) return null;
    const { directives: _directives, ...node } = operation.node;
    const fragments = [...this.#fragments.values()].filter((fragment) => fragment !== null);
    const definition = { ...node, selectionSet: selectionSet(selections) };
    const variableDefinitions = usedVariables(operation.node.variableDefinitions, [definition, ...fragments]);
    const document = {
      kind: Kind.DOCUMENT,
      definitions: [{ ...definition, variableDefinitions }, ...fragments],
    } as const;
    return variableDefinitions.length > 0 ? renameVariables(document) : document;
  }

  #selections(set: SelectionSetNode, parent: GraphQLCompositeType): SelectionNode[] {
    return set.selections.flatMap((node): readonly SelectionNode[] => {
      if (!isIncluded(node.directives, this.#options.variables)) return [];
      switch (node.kind) {
        case Kind.FIELD:
          return this.#field(node, parent);
        case Kind.INLINE_FRAGMENT:
          return this.#inlineFragment(node, parent);
        case Kind.FRAGMENT_SPREAD:
          return this.#fragment(node.name.value) ? [{ kind: Kind.FRAGMENT_SPREAD, name: node.name }] : [];
      }
    });
  }

  #field(node: FieldNode, parent: GraphQLCompositeType): readonly SelectionNode[] {
    const name = node.name.value;
    // Under its own name, whatever the client calls it: the response is shaped by it.
    if (name === '__typename') return [typename];
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (isIntrospectionField(name) || field === undefined) return [];
    const { access } = this.#options;
    if (access.ofField(parent, field)) return this.#deny();
    const readable = access.readableOn(parent, name);
    if (readable !== null) this.#deny();
    const done = this.#named(node, this.#subselections(node, getNamedType(field.type)));
    return readable === null ? [done] : readable.map((type) => onType(type, done));
  }

  /** A field whose every subfield was left out still tells whether it is null. */
  #subselections(node: FieldNode, type: GraphQLNamedOutputType): SelectionSetNode | undefined {
    if (!node.selectionSet || !isCompositeType(type)) return undefined;
    const before = this.#denials;
    const selections = this.#selections(node.selectionSet, type);
    // An object of a type that clients may not see must be told from the others; so must one of a type whose fields were left out, or
    // nobody would know what to say of them.
    const isTold =
      this.#options.supergraph.partlyHidden.has(type.name) || (this.#denials > before && isAbstractType(type));
    const told = isTold ? [typename, ...selections] : selections;
    return selectionSet(told.length > 0 ? told : [typename]);
  }

  #named(node: FieldNode, subselections: SelectionSetNode | undefined): FieldNode {
    const key = node.alias?.value ?? node.name.value;
    const dataKey = this.#options.supergraph.dataKey(node.name.value, key);
    return {
      kind: Kind.FIELD,
      name: node.name,
      ...(dataKey === node.name.value ? {} : { alias: { kind: Kind.NAME, value: dataKey } }),
      ...(node.arguments ? { arguments: node.arguments } : {}),
      ...(subselections ? { selectionSet: subselections } : {}),
    };
  }

  #inlineFragment(node: InlineFragmentNode, parent: GraphQLCompositeType): readonly SelectionNode[] {
    const deferred = this.#options.keepsDeferred === true ? deferOf(node.directives) : undefined;
    // Without a type it only held conditions together, and the Rust planner ends the process over some of these.
    if (!node.typeCondition && !deferred) return this.#selections(node.selectionSet, parent);
    const typeCondition = node.typeCondition ?? namedType(parent.name);
    const selections = this.#onReadableType(node.selectionSet, this.#type(typeCondition.name.value));
    if (selections.length === 0) return [];
    return [
      {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition,
        ...(deferred ? { directives: [deferred] } : {}),
        selectionSet: selectionSet(selections),
      },
    ];
  }

  #fragment(name: string): FragmentDefinitionNode | null {
    const known = this.#fragments.get(name);
    if (known !== undefined) {
      if (this.#deniedIn.has(name)) this.#deny();
      return known;
    }
    const source = this.#options.operation.fragments.get(name);
    if (!source) return null;
    const before = this.#denials;
    const selections = this.#onReadableType(source.selectionSet, this.#type(source.typeCondition.name.value));
    const done: FragmentDefinitionNode | null =
      selections.length === 0
        ? null
        : {
            kind: Kind.FRAGMENT_DEFINITION,
            name: source.name,
            typeCondition: source.typeCondition,
            selectionSet: selectionSet(selections),
          };
    this.#fragments.set(name, done);
    if (this.#denials > before) this.#deniedIn.add(name);
    return done;
  }

  #onReadableType(set: SelectionSetNode, type: GraphQLCompositeType | undefined): readonly SelectionNode[] {
    if (type === undefined) return [];
    return this.#options.access.ofType(type.name) ? this.#deny() : this.#selections(set, type);
  }

  #deny(): readonly never[] {
    this.#denials += 1;
    return [];
  }

  #type(name: string): GraphQLCompositeType | undefined {
    const type = this.#options.supergraph.apiSchema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

function isTypename(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && node.name.value === '__typename';
}

function selectionSet(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}

function namedType(name: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } };
}

function onType(type: GraphQLObjectType, node: FieldNode): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: namedType(type.name),
    selectionSet: selectionSet([node]),
  };
}

function usedVariables(
  definitions: readonly VariableDefinitionNode[] | undefined,
  nodes: DocumentNode['definitions'],
): readonly VariableDefinitionNode[] {
  const used = new Set<string>();
  for (const node of nodes) {
    visit(node, {
      [Kind.VARIABLE_DEFINITION]: () => false,
      [Kind.VARIABLE]: (variable) => void used.add(variable.name.value),
    });
  }
  return (definitions ?? []).filter((definition) => used.has(definition.variable.name.value));
}
