import { Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { DirectiveNode, DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { Claims } from '../../runtime/identity.ts';
import { checkRequirement } from '../supergraph/access-rules.ts';
import type { Requirement } from '../supergraph/access-rules.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { requirementsBehindField } from './access.ts';

/** One operation of a valid document, with what decides how it is planned besides its text. */
export interface Operation {
  /** Names the operation among all: the document's hash and the operation's name. */
  readonly id: string;
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Variables that @skip and @include ask. Their values are settled before planning. */
  readonly conditions: readonly string[];
  /** Everything that a caller may have to pass, once each. */
  readonly requirements: readonly Requirement[];
}

/** Picks an operation out of a document; undefined where the name is unknown, or is missing and there are several. */
export function selectOperation(
  supergraph: Supergraph,
  source: { readonly document: DocumentNode; readonly hash: string },
  operationName: string | null | undefined,
): Operation | undefined {
  const operations = source.document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const node = operationName ? operations.find((candidate) => candidate.name?.value === operationName) : operations.length === 1 ? operations[0] : undefined;
  if (node === undefined) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of source.document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return { id: `${source.hash}:${node.name?.value ?? ''}`, node, fragments, ...survey(supergraph, source.document) };
}

function survey(supergraph: Supergraph, document: DocumentNode): Pick<Operation, 'conditions' | 'requirements'> {
  const conditions = new Set<string>();
  const requirements = new Map<string, Requirement>();
  const info = new TypeInfo(supergraph.apiSchema);
  const add = (found: readonly Requirement[]): void => found.forEach((requirement) => requirements.set(requirement.key, requirement));
  visit(
    document,
    visitWithTypeInfo(info, {
      [Kind.DIRECTIVE]: (node) => {
        const variable = conditionVariable(node);
        if (variable !== undefined) conditions.add(variable);
      },
      [Kind.FIELD]: () => {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (parent && field) add(requirementsBehindField(supergraph.access, supergraph.apiSchema, parent, field));
      },
      [Kind.NAMED_TYPE]: (node) => add(supergraph.access.ofType(node.name.value)),
    }),
  );
  return { conditions: [...conditions].sort(), requirements: [...requirements.values()] };
}

function conditionVariable(node: DirectiveNode): string | undefined {
  if (node.name.value !== 'skip' && node.name.value !== 'include') return undefined;
  const value = node.arguments?.find((argument) => argument.name.value === 'if')?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : undefined;
}

/**
 * Names the form of an operation that a caller gets: equal keys, equal plans. It holds the values of the conditions and, for
 * each requirement, whether the caller passes; so callers with different tokens share a form unless a rule tells them apart.
 */
export function variantKey(operation: Operation, variables: Readonly<Record<string, unknown>>, claims: Claims | null): string {
  let key = operation.id;
  for (const name of operation.conditions) key += variables[name] === true ? '+' : '-';
  for (const requirement of operation.requirements) key += checkRequirement(requirement, claims)?.code ?? '.';
  return key;
}
