import { executeSync, Kind } from 'graphql';
import type { DocumentNode, FieldNode, SelectionSetNode } from 'graphql';
import type { Operation } from '../operations/operation.ts';
import { isIncluded, isIntrospectionField } from '../operations/selection.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { DataObject } from './data.ts';
import type { ErrorList } from './state.ts';

/** Answers the introspection fields of an operation, given the client's variables as they came. */
export type Introspect = (variables: Readonly<Record<string, unknown>>, errors: ErrorList) => DataObject | null;

/** Compiles the introspection part of an operation; null where it has none. */
export function compileIntrospection(
  supergraph: Supergraph,
  operation: Operation,
  conditions: Readonly<Record<string, unknown>>,
): Introspect | null {
  const fields = introspectionFields(operation, operation.node.selectionSet, conditions);
  if (fields.length === 0) return null;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...operation.node, selectionSet: { kind: Kind.SELECTION_SET, selections: fields } },
      ...operation.fragments.values(),
    ],
  };
  return (variables, errors) => {
    const result = executeSync({ schema: supergraph.apiSchema, document, variableValues: variables });
    for (const error of result.errors ?? []) errors.add(error);
    return (result.data as DataObject | null | undefined) ?? null;
  };
}

function introspectionFields(
  operation: Operation,
  set: SelectionSetNode,
  conditions: Readonly<Record<string, unknown>>,
): FieldNode[] {
  return set.selections.flatMap((node) => {
    if (!isIncluded(node.directives, conditions)) return [];
    if (node.kind === Kind.FIELD) return isIntrospectionField(node.name.value) ? [node] : [];
    const inner =
      node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : operation.fragments.get(node.name.value)?.selectionSet;
    return inner ? introspectionFields(operation, inner, conditions) : [];
  });
}
