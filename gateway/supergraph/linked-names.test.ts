import { expect, test } from '@jest/globals';
import { print } from 'graphql';
import { SupergraphError } from '../errors.ts';
import { readAccessRules } from './access-rules.ts';
import { parseSupergraph } from './linked-names.ts';

const link = (feature: string, more = ''): string => `@link(url: "https://specs.apollo.dev/${feature}"${more})`;
const read = (schema: string, field: string): string =>
  print(parseSupergraph(`schema ${schema} { query: Query } type Query { a: Int ${field} }`));

test.each([
  [link('authenticated/v0.1', ', as: "auth", for: SECURITY'), '@auth', '@authenticated'],
  [link('cost/v0.1'), '@cost__listSize(assumedSize: 3)', '@listSize(assumedSize: 3)'],
  [link('cost/v0.1', ', as: "c"'), '@c(weight: 3)', '@cost(weight: 3)'],
  [link('cost/v0.1', ', import: ["@listSize"]'), '@listSize(assumedSize: 3)', '@listSize(assumedSize: 3)'],
  ['@core(feature: "https://specs.apollo.dev/inaccessible/v0.1", as: "gone")', '@gone', '@inaccessible'],
  ['@link(url: "https://example.org/authenticated/v0.1", as: "mine")', '@mine', '@mine'],
])('%s makes of %s %s', (schema, field, expected) => {
  expect(read(schema, field)).toContain(`a: Int ${expected}\n`);
});

test('a supergraph whose security depends on what is unknown here is refused', () => {
  const read = (): unknown => parseSupergraph(`schema ${link('rowLevel/v1.0', ', for: SECURITY')} { query: Query }`);
  expect(read).toThrow(SupergraphError);
  expect(read).toThrow(/rowLevel/);
});

test.each(['@requiresScopes', '@requiresScopes(scopes: [[3]])', '@policy(policies: null)'])(
  'a rule that cannot be read is no rule less: %s',
  (rule) => {
    expect(() => readAccessRules(parseSupergraph(`type Query { a: Int ${rule} }`))).toThrow(/list of lists of names/);
  },
);
