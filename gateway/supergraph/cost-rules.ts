import { isTypeDefinitionNode, Kind, valueFromASTUntyped } from 'graphql';
import type { ConstDirectiveNode, DocumentNode } from 'graphql';

/** What `@listSize` says about a field. */
export interface ListSize {
  readonly assumedSize?: number;
  readonly slicingArguments?: readonly string[];
  readonly sizedFields?: readonly string[];
}

/** `@cost` and `@listSize` of a supergraph. */
export interface CostRules {
  ofType(type: string): number | undefined;
  ofField(type: string, field: string): number | undefined;
  listSize(type: string, field: string): ListSize | undefined;
}

/** Reads the directives off a supergraph, under their own names or with the prefix of those that were not imported. */
export function readCostRules(supergraph: DocumentNode): CostRules {
  const types = new Map<string, number>();
  const fields = new Map<string, number>();
  const sizes = new Map<string, ListSize>();
  for (const node of supergraph.definitions) {
    if (!isTypeDefinitionNode(node)) continue;
    const weight = weightIn(node.directives);
    if (weight !== undefined) types.set(node.name.value, weight);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of node.fields ?? []) {
      const key = `${node.name.value}.${field.name.value}`;
      const own = weightIn(field.directives);
      if (own !== undefined) fields.set(key, own);
      const size = argumentsIn(field.directives, 'listSize');
      if (size) sizes.set(key, readListSize(size));
    }
  }
  return {
    ofType: (type) => types.get(type),
    ofField: (type, field) => fields.get(`${type}.${field}`),
    listSize: (type, field) => sizes.get(`${type}.${field}`),
  };
}

function argumentsIn(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const node = directives?.find(({ name: { value } }) => value === name || value === `federation__${name}`);
  return (
    node && Object.fromEntries((node.arguments ?? []).map((item) => [item.name.value, valueFromASTUntyped(item.value)]))
  );
}

function weightIn(directives: readonly ConstDirectiveNode[] | undefined): number | undefined {
  const weight = Number(argumentsIn(directives, 'cost')?.['weight']);
  return Number.isFinite(weight) ? weight : undefined;
}

function readListSize({ assumedSize, slicingArguments, sizedFields }: Readonly<Record<string, unknown>>): ListSize {
  return {
    ...(typeof assumedSize === 'number' ? { assumedSize } : {}),
    ...(Array.isArray(slicingArguments) ? { slicingArguments: slicingArguments.map(String) } : {}),
    ...(Array.isArray(sizedFields) ? { sizedFields: sizedFields.map(String) } : {}),
  };
}
