import type { GraphQLError } from 'graphql';
import { errorCodes, gatewayError } from '../errors.ts';

/** What the variables of one operation may hold. Measured before they are coerced, so that nothing walks more than this. */
export interface VariableLimits {
  /** Characters of all texts and names together. */
  readonly variableCharacters: number;
  /** Values in all: scalars, list items and input fields. */
  readonly variableValues: number;
  /** Levels of lists and input objects. */
  readonly variableDepth: number;
}

/** The limit that these variables break, or null. Stops at the first. */
export function checkVariables(variables: unknown, limits: VariableLimits): GraphQLError | null {
  let characters = 0;
  let values = 0;
  const broken = (what: string, limit: number): GraphQLError =>
    gatewayError(`the variables have more than ${limit} ${what}: send less at once`, {
      code: errorCodes.variableLimit,
      details: { limit },
    });
  // A list of our own instead of recursion: how deep it goes is what is being measured.
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: variables, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    values += 1;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      if (depth > limits.variableDepth) return broken('levels', limits.variableDepth);
      const isList = Array.isArray(value);
      for (const [name, inner] of Object.entries(value)) {
        if (!isList) characters += name.length;
        waiting.push({ value: inner as unknown, depth: depth + 1 });
      }
    }
    if (values + waiting.length > limits.variableValues + 1) return broken('values', limits.variableValues);
    if (characters > limits.variableCharacters) return broken('characters', limits.variableCharacters);
  }
  return null;
}
