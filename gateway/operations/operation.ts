import { Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { DirectiveNode, DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { checkRequirement } from '../supergraph/access-rules.ts';
import type { Requirement, Rights } from '../supergraph/access-rules.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { requirementsBehindField } from './access.ts';

/** One operation of a valid document, with what decides how it is planned besides its text. */
export interface Operation {
  /** Names the operation among all: the document's hash and the operation's name. */
  readonly id: string;
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether some of it is marked with @defer. */
  readonly defers: boolean;
  /** Variables that @skip, @include and @defer ask. Their values are settled before planning. */
  readonly conditions: readonly string[];
  /** Everything that a caller may have to pass, once each. */
  readonly requirements: readonly Requirement[];
}

/** A document as the document store knows it. */
export interface OperationSource {
  readonly document: DocumentNode;
  readonly hash: string;
}

/** Picks an operation out of a document; undefined where the name is unknown, or is missing and there are several. */
export type SelectOperation = (
  source: OperationSource,
  operationName: string | null | undefined,
) => Operation | undefined;

/** Operations are read off a document once, for as long as the document is remembered. */
export function createOperationSelector(supergraph: Supergraph): SelectOperation {
  const byDocument = new WeakMap<DocumentNode, Map<string, Operation>>();
  return (source, operationName) => {
    let operations = byDocument.get(source.document);
    if (!operations) {
      operations = readOperations(supergraph, source);
      byDocument.set(source.document, operations);
    }
    if (operationName) return operations.get(operationName);
    return operations.size === 1 ? operations.values().next().value : undefined;
  };
}

function readOperations(supergraph: Supergraph, { document, hash }: OperationSource): Map<string, Operation> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const found = survey(supergraph, document);
  const operations = new Map<string, Operation>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const name = node.name?.value ?? '';
    operations.set(name, { id: `${hash}:${name}`, node, fragments, ...found });
  }
  return operations;
}

function survey(
  supergraph: Supergraph,
  document: DocumentNode,
): Pick<Operation, 'conditions' | 'requirements' | 'defers'> {
  const conditions = new Set<string>();
  const requirements = new Map<string, Requirement>();
  let defers = false;
  const info = new TypeInfo(supergraph.apiSchema);
  const add = (found: readonly Requirement[]): void =>
    found.forEach((requirement) => requirements.set(requirement.key, requirement));
  visit(
    document,
    visitWithTypeInfo(info, {
      [Kind.DIRECTIVE]: (node) => {
        const variable = conditionVariable(node);
        if (variable !== undefined) conditions.add(variable);
        defers ||= node.name.value === 'defer';
      },
      [Kind.FIELD]: () => {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (parent && field) add(requirementsBehindField(supergraph.access, supergraph.apiSchema, parent, field));
      },
      [Kind.NAMED_TYPE]: (node) => add(supergraph.access.ofType(node.name.value)),
    }),
  );
  return { defers, conditions: [...conditions].sort(), requirements: [...requirements.values()] };
}

function conditionVariable(node: DirectiveNode): string | undefined {
  if (!['skip', 'include', 'defer'].includes(node.name.value)) return undefined;
  const value = node.arguments?.find((argument) => argument.name.value === 'if')?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : undefined;
}

/**
 * Names the form of an operation that a caller gets: equal keys, equal plans. It holds the values of the conditions and, for
 * each requirement, whether the caller passes; so callers with different tokens share a form unless a rule tells them apart.
 */
export function variantKey(operation: Operation, variables: Readonly<Record<string, unknown>>, rights: Rights): string {
  let key = operation.id;
  if (operation.conditions.length === 0 && operation.requirements.length === 0) return key;
  for (const name of operation.conditions)
    key += variables[name] === true ? '+' : variables[name] === false ? '-' : '?';
  for (const requirement of operation.requirements) key += checkRequirement(requirement, rights)?.code ?? '.';
  return key;
}
