import { describe, expect, test } from '@jest/globals';
import { buildASTSchema, parse } from 'graphql';
import { readCostRules } from '../supergraph/cost-rules.ts';
import { costOf, listSizeDefault } from './cost.ts';
import { createOperationSelector } from './operation.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';

// Goal: an operation's cost follows from the lengths of its lists and the weights of what is in them, before anything is asked.
const document = parse(`
  directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean) on FIELD_DEFINITION
  type Query {
    word: String  item: Item  items: [Item!]!  page(first: Int = 5, last: Int): Page
    few: [Item] @listSize(assumedSize: 3)  some(count: Int): [Item] @listSize(slicingArguments: ["count"])
    book(count: Int): Book @listSize(slicingArguments: ["count"], sizedFields: ["pages"])
    search: Int @cost(weight: 7)  dear: Dear  any: [Any]
  }
  type Mutation { change: Item }
  type Item { id: ID word: String more(first: Int): Page }
  type Page { nodes: [Item!]! edges: [Edge!]! }
  type Edge { node: Item }
  type Book { pages: [Item!]! notes: [Item!]! }
  type Dear @cost(weight: 20) { id: ID }
  union Any = Item | Dear`);
const schema = buildASTSchema(document);
const rules = readCostRules(document);
const none = { ofType: () => [], ofField: () => [] };
const select = createOperationSelector({ apiSchema: schema, access: none } as unknown as Supergraph);
const cost = (text: string, variables: Record<string, unknown> = {}): number => {
  const operation = select({ document: parse(text), hash: text }, null);
  if (!operation) throw new Error('no operation');
  return costOf({ schema, rules, operation, variables });
};

describe('the cost of an operation', () => {
  test.each<[string, string, number]>([
    ['scalars are free', '{ word __typename }', 0],
    ['an object is one', '{ item { id word } }', 1],
    ['a list of unknown length has the default', '{ items { id } }', listSizeDefault],
    ["a connection's lists are as long as its argument", '{ page(first: 4) { nodes { id } } }', 1 + 4],
    ['its default counts', '{ page { edges { node { id } } } }', 1 + 5 * 2],
    ['the greater of two counts', '{ page(first: 2, last: 9) { nodes { id } } }', 1 + 9],
    ['nested lists multiply', '{ page(first: 4) { nodes { more(first: 3) { nodes { id } } } } }', 1 + 4 * (1 + 1 + 3)],
    ['an assumed size', '{ few { id } }', 3],
    ['a slicing argument of another name', '{ some(count: 6) { id } }', 6],
    ['sized fields are those named only', '{ book(count: 6) { pages { id } notes { id } } }', 1 + 6 + listSizeDefault],
    ['the weight of a field', '{ search }', 7],
    ['the weight of a type', '{ dear { id } }', 20],
    [
      'fragments count where they are spread',
      '{ a: item { ...f } b: item { ...f } } fragment f on Item { more(first: 2) { nodes { id } } }',
      2 * (1 + 1 + 2),
    ],
    [
      'members of a union',
      '{ any { ... on Item { more(first: 1) { nodes { id } } } ... on Dear { id } } }',
      listSizeDefault * (1 + 1 + 1),
    ],
    ['a mutation is ten more', 'mutation { change { id } }', 11],
  ])('%s', (_name, text, expected) => {
    expect(cost(text)).toBe(expected);
  });

  test('variables count with their values', () => {
    const text = 'query ($n: Int) { page(first: $n) { nodes { id } } }';
    expect(cost(text, { n: 50 })).toBe(51);
  });
});
