import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, parse } from 'graphql';
import { DocumentStore } from './document-store.ts';
import { checkLimits } from './limits.ts';
import type { OperationLimits } from './limits.ts';

// Goal: whatever an attacker writes is measured in time that grows with its length only, and refused with the limit's value.
const limits: OperationLimits = {
  depth: 5,
  aliases: 4,
  rootFields: 3,
  fields: 20,
  tokens: 400,
  documentCharacters: 10_000,
};
const schema = buildSchema('type Query { a: Query b(x: Int): Int }');
const store = new DocumentStore({ schema, limits, introspection: false, charactersMax: 100_000 });
const refusals = (text: string): string[] => {
  const result = store.prepare(text);
  if (result.ok) return [];
  return result.errors.map(({ extensions }) => [extensions['code'], extensions['limit']].join(' ').trim());
};
/** Fragments of which each spreads the next twice: 2^levels fields. */
const doubling = (levels: number): string =>
  `{ a { ...f0 } } ${Array.from({ length: levels }, (_, n) => `fragment f${n} on Query { x${n}: a { ...f${n + 1} } y${n}: a { ...f${n + 1} } }`).join(' ')} fragment f${levels} on Query { b }`;

describe('limits', () => {
  test.each([
    ['deep', '{ a { a { a { a { a { b } } } } } }', ['DEPTH_LIMIT 5']],
    ['aliased', '{ a { q: b w: b e: b r: b t: b } }', ['ALIAS_LIMIT 4']],
    ['wide at the root', '{ a { b } b c: b d: b }', ['ROOT_FIELD_LIMIT 3']],
    ['long', `{ ${'b '.repeat(500)} }`, ['TOKEN_LIMIT 400']],
    ['wide within', `{ a { ${'b '.repeat(30)} } }`, ['FIELD_LIMIT 20']],
    ['wide through a fragment', `{ a { ${'...f '.repeat(15)} } } fragment f on Query { b b }`, ['FIELD_LIMIT 20']],
    [
      'about the schema, where that is off',
      '{ __schema { types { name } } }',
      ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
    ],
    ['with a dangerous alias', '{ __proto__: b }', ['GRAPHQL_VALIDATION_FAILED']],
    [
      'with a dangerous variable',
      'query ($__proto__: Boolean!) { b @skip(if: $__proto__) }',
      ['GRAPHQL_VALIDATION_FAILED'],
    ],
    ['of a type that the schema does not have', 'subscription { b }', ['GRAPHQL_VALIDATION_FAILED']],
    ['partly of such a type', 'query A { b } mutation B { b }', ['GRAPHQL_VALIDATION_FAILED']],
    ['circular', '{ ...f } fragment f on Query { a { ...f } }', ['GRAPHQL_VALIDATION_FAILED']],
    ['no operation at all', 'fragment f on Query { b }', ['GRAPHQL_VALIDATION_FAILED']],
    ['fine', '{ a { a { b } } }', []],
  ])('an operation that is %s', (_name, text, expected) => {
    expect(refusals(text)).toEqual(expected);
  });

  test('the second operation of a document counts as much as the first', () => {
    expect(refusals('query A { b } query B { a { a { a { a { a { b } } } } } }')).toEqual(['DEPTH_LIMIT 5']);
  });

  test('exponential fragments cost no time', () => {
    const document = parse(doubling(60));
    const startedMs = performance.now();
    const codes = checkLimits(document, limits).map((error) => error.extensions['code']);
    expect(codes).toEqual(['DEPTH_LIMIT', 'ALIAS_LIMIT', 'FIELD_LIMIT']);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('an operation within its limits is measured exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }), (depth, aliases) => {
        const fields = Array.from({ length: aliases }, (_, n) => `x${n}: b`).join(' ');
        const text = `${'{ a '.repeat(depth - 1)}{ ${fields} }${' }'.repeat(depth - 1)}`;
        const broken = checkLimits(parse(text), { ...limits, rootFields: 100, fields: 100 }).map(
          (error) => error.extensions['code'],
        );
        expect(broken).toEqual([...(depth > 5 ? ['DEPTH_LIMIT'] : []), ...(aliases > 4 ? ['ALIAS_LIMIT'] : [])]);
      }),
    );
  });
});
