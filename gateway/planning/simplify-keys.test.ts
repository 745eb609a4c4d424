import { expect, test } from '@jest/globals';
import { parse, print } from 'graphql';
import { simplifyKeys } from './simplify-keys.ts';

test('keys that are not needed to get from one subgraph to another are left out', () => {
  const supergraph = parse(`
    type E @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: B, key: "code") { id: ID! }
    type F @join__type(graph: A, key: "id") @join__type(graph: B, key: "code") @join__type(graph: B, key: "id", resolvable: false) { id: ID! }
    interface I @join__type(graph: A, key: "id") @join__type(graph: A, key: "code") { id: ID! }
    type G implements I @join__type(graph: A, key: "id") @join__type(graph: A, key: "code") { id: ID! }`);
  const expected = print(supergraph).replace(' @join__type(graph: B, key: "code")', '');
  expect(simplifyKeys(supergraph)).toBe(expected);
});

test('where each is needed nothing changes', () => {
  expect(
    simplifyKeys(parse('type E @join__type(graph: A, key: "id") @join__type(graph: B, key: "code") { id: ID! }')),
  ).toBeNull();
});
