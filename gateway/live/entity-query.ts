import { Kind, parse, print, visit } from 'graphql';
import type { FieldNode, OperationDefinitionNode, SelectionSetNode, VariableDefinitionNode } from 'graphql';
import type { SubgraphOperation } from '../planning/plan.ts';

/** A subscription's primary fetch, turned into one that asks for an entity that is known already. */
export interface EntityQuery {
  readonly operation: SubgraphOperation;
  /** The subscription field as the plan has it. */
  readonly field: FieldNode;
  /** The key of the event's entity in the response. */
  readonly rootKey: string;
}

/**
 * Rewrites `subscription { field(args) { selection } }` to `query { _entities(representations:) { ... on Entity { selection } } }`.
 * Variables that only the field's arguments use stay behind.
 */
export function toEntityQuery(primary: SubgraphOperation, entity: string): EntityQuery {
  const document = parse(primary.query, { noLocation: true });
  const operation = document.definitions.find(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  const field = operation?.selectionSet.selections.find((node): node is FieldNode => node.kind === Kind.FIELD);
  if (!operation || !field?.selectionSet) throw new Error('the plan of a subscription has no field with a selection');
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const used = variablesOf([field.selectionSet, ...fragments.map((node) => node.selectionSet)]);
  const kept = (operation.variableDefinitions ?? []).filter((node) => used.has(node.variable.name.value));
  const query = [entityQueryText(entity, field.selectionSet, kept), ...fragments.map(print)].join('\n');
  return {
    operation: {
      subgraph: primary.subgraph,
      query,
      kind: 'query',
      variables: primary.variables.filter((name) => used.has(name)),
    },
    field,
    rootKey: field.alias?.value ?? field.name.value,
  };
}

/** The text of a query for entities of one type. */
export function entityQueryText(
  entity: string,
  selection: SelectionSetNode,
  variables: readonly VariableDefinitionNode[] = [],
): string {
  const definitions = ['$representations: [_Any!]!', ...variables.map(print)].join(', ');
  return `query (${definitions}) { _entities(representations: $representations) { ... on ${entity} ${print(selection)} } }`;
}

function variablesOf(sets: readonly SelectionSetNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const set of sets) visit(set, { [Kind.VARIABLE]: (node) => void names.add(node.name.value) });
  return names;
}
