import { getVariableValues, Kind } from 'graphql';
import type { GraphQLError, GraphQLSchema, VariableDefinitionNode } from 'graphql';

export type CoercedVariables =
  | { readonly errors: readonly GraphQLError[]; readonly coerced?: never }
  | { readonly coerced: Record<string, unknown>; readonly errors?: never };

const errorsMax = 20;

/**
 * What `getVariableValues` of graphql-js gives. Where all that is given are scalars of the specification in their own form, which is so for
 * most operations, that is known without asking each type.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const coerced: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { variable, type, defaultValue } of definitions) {
    const name = variable.name.value;
    const value = given[name];
    if (!Object.hasOwn(given, name)) {
      if (defaultValue || type.kind === Kind.NON_NULL_TYPE) return slowly(schema, definitions, given);
      continue;
    }
    const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
    if (named.kind !== Kind.NAMED_TYPE || !isPlain(named.name.value, value)) return slowly(schema, definitions, given);
    coerced[name] = value;
  }
  return { coerced };
}

/** Whether a value is what its coercion would give. */
function isPlain(type: string, value: unknown): boolean {
  switch (type) {
    case 'ID':
    case 'String':
      return typeof value === 'string';
    case 'Int':
      return typeof value === 'number' && (value | 0) === value;
    case 'Float':
      return Number.isFinite(value);
    case 'Boolean':
      return typeof value === 'boolean';
    default:
      return false;
  }
}

function slowly(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  given: Readonly<Record<string, unknown>>,
): CoercedVariables {
  const result = getVariableValues(schema, definitions, given, { maxErrors: errorsMax });
  return result.errors ? { errors: result.errors } : { coerced: result.coerced };
}
