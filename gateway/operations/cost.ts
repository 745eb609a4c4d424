import {
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  OperationTypeNode,
} from 'graphql';
import type { GraphQLCompositeType, GraphQLField, GraphQLSchema, SelectionSetNode } from 'graphql';
import type { CostRules, ListSize } from '../supergraph/cost-rules.ts';
import type { Operation } from './operation.ts';

export interface CostOptions {
  readonly schema: GraphQLSchema;
  readonly rules: CostRules;
  readonly operation: Operation;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A list of unknown length counts as this many items. */
export const listSizeDefault = 10;
const objectWeight = 1;
const mutationWeight = 10;
const slicingArgumentsDefault = ['first', 'last'];

/** Sizes that a field gives to lists below it; null for those of any name. */
interface Sized {
  readonly size: number;
  readonly fields: readonly string[] | null;
}

/**
 * The most that an operation may cost: each object 1 or its `@cost`, times the lengths of the lists around it. A list is as long as
 * its slicing argument (`first` and `last` without `@listSize`), or as the argument of the connection it stands in. Parts that
 * are never asked for together are counted together. The limits on fields bound the time that this takes.
 */
export function costOf(options: CostOptions): number {
  const { schema, operation } = options;
  const root = schema.getRootType(operation.node.operation);
  if (!root) return 0;
  const roots = operation.node.operation === OperationTypeNode.MUTATION ? mutationWeight : 0;
  return selectionCost(operation.node.selectionSet, root, null, roots, options);
}

function selectionCost(
  set: SelectionSetNode,
  parent: GraphQLCompositeType,
  sized: Sized | null,
  extra: number,
  options: CostOptions,
): number {
  let sum = 0;
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const field = isUnionType(parent) ? undefined : parent.getFields()[node.name.value];
      if (!field) continue;
      const args = argumentsOf(field, node, options.variables);
      const own = lengthOf(field, parent, args, sized, options.rules);
      const type = getNamedType(field.type);
      const inner =
        node.selectionSet && isCompositeType(type) ? selectionCost(node.selectionSet, type, own.below, 0, options) : 0;
      sum += extra + own.length * (weightOf(field, parent, options.rules) + inner);
      continue;
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? options.operation.fragments.get(node.name.value) : node;
    if (!fragment) continue;
    const condition = fragment.typeCondition && options.schema.getType(fragment.typeCondition.name.value);
    const type = condition && isCompositeType(condition) ? condition : parent;
    sum += selectionCost(fragment.selectionSet, type, sized, extra, options);
  }
  return sum;
}

function weightOf(field: GraphQLField<unknown, unknown>, parent: GraphQLCompositeType, rules: CostRules): number {
  const type = getNamedType(field.type);
  return (
    rules.ofField(parent.name, field.name) ?? rules.ofType(type.name) ?? (isCompositeType(type) ? objectWeight : 0)
  );
}

function lengthOf(
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLCompositeType,
  args: Readonly<Record<string, unknown>>,
  sized: Sized | null,
  rules: CostRules,
): { readonly length: number; readonly below: Sized | null } {
  const rule = rules.listSize(parent.name, field.name);
  const size = sliceOf(rule, args) ?? rule?.assumedSize;
  const isList = isListType(getNullableType(field.type));
  // What a connection's argument says holds for the lists directly in it.
  const below =
    size !== undefined && (!isList || rule?.sizedFields) ? { size, fields: rule?.sizedFields ?? null } : null;
  if (!isList) return { length: 1, below };
  const fromAround = sized && (sized.fields?.includes(field.name) ?? true) ? sized.size : undefined;
  return { length: size ?? fromAround ?? listSizeDefault, below };
}

function sliceOf(rule: ListSize | undefined, args: Readonly<Record<string, unknown>>): number | undefined {
  const sizes = (rule?.slicingArguments ?? slicingArgumentsDefault).flatMap((name) => {
    const value = args[name];
    return typeof value === 'number' && value >= 0 ? [value] : [];
  });
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: Parameters<typeof getArgumentValues>[1],
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    // Values that do not fit are refused when the operation is executed.
    return {};
  }
}
