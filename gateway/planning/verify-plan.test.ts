import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { readOwnership } from '../supergraph/ownership.ts';
import type { EntityGroup, Plan, RequiredSelection } from './plan.ts';
import { verifyPlan } from './verify-plan.ts';

// Goal: a plan that asks a subgraph for what it cannot answer is found out, whoever made it.
const ownership = readOwnership(
  parse(`
    enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
    type Query @join__type(graph: A) @join__type(graph: B) {
      item: Item @join__field(graph: A, provides: "size { depth }")
      any: Any @join__field(graph: A)
      gift: Item @join__field(graph: B, provides: "price size { depth }")
      last: Item @join__field(graph: B)
    }
    union Any @join__type(graph: A) @join__unionMember(graph: A, member: "Item") @join__unionMember(graph: A, member: "Box") = Item | Box
    type Box @join__type(graph: A) {
      id: [ID!]
      price: Int
      within: Box
    }
    type Item @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
      id: ID!
      price(unit: String): Int @join__field(graph: A) @join__field(graph: B, external: true)
      size: Size @join__field(graph: A, external: true) @join__field(graph: B)
      euro: Int @join__field(graph: B, requires: "price(unit: \\"EUR\\")")
      dollar: Int @join__field(graph: B, requires: "price(unit: \\"USD\\")")
      fee: Int @join__field(graph: B, requires: "price size { depth }")
    }
    type Size @join__type(graph: A) @join__type(graph: B) {
      depth: Int @join__field(graph: A, external: true) @join__field(graph: B)
      width: Int @join__field(graph: A, external: true) @join__field(graph: B)
    }`),
);
const root = (query: string, subgraph = 'a'): Plan => ({
  node: { kind: 'root', operation: { subgraph, query, kind: 'query', variables: [] }, outputRewrites: [] },
  primary: null,
});
const field = (name: string): RequiredSelection => ({ kind: 'field', from: name, to: name, selections: null });
const group = (key: string, sent: readonly string[]): EntityGroup => ({
  key,
  variable: 'representations',
  paths: [[{ kind: 'field', name: 'item' }]],
  requires: [{ kind: 'fragment', on: 'Item', selections: sent.map(field) }],
  inputRewrites: [],
  outputRewrites: [],
  sharesEntities: true,
  contexts: [],
});
const entities = (query: string, groups: readonly EntityGroup[]): Plan => ({
  node: {
    kind: 'sequence',
    nodes: [
      root('{ item { id } }').node as NonNullable<Plan['node']>,
      { kind: 'entities', operation: { subgraph: 'b', query, kind: 'query', variables: [] }, groups },
    ],
  },
  primary: null,
});
const verify =
  (plan: Plan, oneRequirementPerPlan = false) =>
  (): void =>
    verifyPlan(plan, '{ item { id } }', { ownership, oneRequirementPerPlan });
const one = (fields: string): string =>
  `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Item { ${fields} } } }`;
const two =
  'query ($representations: [_Any!]!) { a: _entities(representations: $representations) { ... on Item { euro } } b: _entities(representations: $representations) { ... on Item { dollar } } }';

describe('a plan that is right', () => {
  test.each<[string, Plan]>([
    ['what the subgraph owns', root('{ item { id price } }')],
    ['what it provides', root('{ item { size { depth } } }')],
    ['the same shape on two types', root('{ item { id } any { ... on Item { price } ... on Box { price } } }')],
    ['through a union', root('{ item { id } any { ... on Item { price } } }')],
    ['a requirement that is sent', entities(one('id euro'), [group('_entities', ['id', 'price'])])],
    ['a requirement that is provided', root('{ item: gift { fee } }', 'b')],
    ['two groups with other arguments', entities(two, [group('a', ['id', 'price']), group('b', ['id', 'price'])])],
  ])('%s', (_name, plan) => {
    expect(verify(plan)).not.toThrow();
  });
});

describe('a plan that is wrong', () => {
  test.each<[string, Plan, RegExp]>([
    ['nobody asked', { node: null, primary: null }, /asks nobody for item/],
    ['a field of another subgraph', root('{ item { euro } }'), /a is asked for Item\.euro/],
    ['more than is provided', root('{ item { size { width } } }'), /a is asked for Size\.width/],
    ['what is provided elsewhere', root('{ item { id } any { ... on Item { size { depth } } } }'), /Item\.size/],
    ['one key for two things', root('{ item { x: id x: price } }'), /under the one key x/],
    [
      'one key for two shapes',
      root('{ item { id } any { ... on Item { x: id } ... on Box { x: id } } }'),
      /ID! and \[ID!\] under the one key x/,
    ],
    [
      'the same further down',
      root('{ item { id } any { ... on Box { within { x: price } } } any { ... on Box { within { x: id } } } }'),
      /under the one key x/,
    ],
    ['an object without any of its fields', root('{ item }'), /Query\.item without saying/],
    ['a union without any', root('{ item { id } any }'), /Query\.any without saying/],
    ['a requirement that is not sent', entities(one('euro'), [group('_entities', ['id'])]), /without price/],
    ['a requirement that is provided elsewhere', root('{ item: last { fee } }', 'b'), /fee without price/],
    [
      'a requirement that is provided with another argument',
      root('{ item: gift { dollar } }', 'b'),
      /dollar without price/,
    ],
    [
      'one representation for two arguments',
      entities(one('euro dollar'), [group('_entities', ['id', 'price'])]),
      /two fields require Item\.price/,
    ],
  ])('%s', (_name, plan, message) => {
    expect(verify(plan)).toThrow(message);
  });

  test('two groups, where the plan can hold one value only', () => {
    const plan = entities(two, [group('a', ['id', 'price']), group('b', ['id', 'price'])]);
    expect(verify(plan, true)).toThrow(/two fields require/);
  });
});
