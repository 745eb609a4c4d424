import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, getVariableValues, parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { coerceVariables } from './coerce-variables.ts';

// Goal: the short way gives what graphql-js gives, for whatever is declared and whatever is sent.
const schema = buildSchema(
  'type Query { a(f: Float, i: ID, n: In, e: E, x: Any, b: Boolean): Int } input In { a: Int! } enum E { A B } scalar Any',
);
const types = fc
  .tuple(
    fc.constantFrom('Int', 'Float', 'String', 'ID', 'Boolean', 'In', 'E', 'Any', '[Int]', '[String!]'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(
    ([type, isRequired, hasDefault]) => `${type}${isRequired ? '!' : ''}${hasDefault && type === 'Int' ? ' = 7' : ''}`,
  );
const values = fc.oneof(
  fc.anything({ maxDepth: 1, withNullPrototype: false }),
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31),
    2 ** 31 - 1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    '',
    'A',
    true,
    null,
    [1],
    { a: 1 },
  ),
);

test('variables are coerced as graphql-js does', () => {
  fc.assert(
    fc.property(
      fc.array(types, { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('v0', 'v1', 'v2', 'v3', '__proto__'), values),
      (declared, given) => {
        const head =
          declared.length === 0 ? '' : `(${declared.map((type, index) => `$v${index}: ${type}`).join(', ')})`;
        const { variableDefinitions = [] } = parse(`query ${head} { a }`).definitions[0] as OperationDefinitionNode;
        const expected = getVariableValues(schema, variableDefinitions, given, { maxErrors: 20 });
        const told = coerceVariables(schema, variableDefinitions, given);
        expect(told.errors?.map(({ message }) => message)).toEqual(expected.errors?.map(({ message }) => message));
        expect({ ...told.coerced }).toEqual({ ...expected.coerced });
      },
    ),
  );
});
