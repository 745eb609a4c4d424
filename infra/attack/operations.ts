import type { Attack } from './attack.ts';

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const nest = (levels: number, open: string, inner: string): string =>
  open.repeat(levels) + inner + '}'.repeat((open.match(/\{/gu)?.length ?? 0) * levels);

/** An operation sent as a client sends it, with what has to refuse it. */
function operation(
  name: string,
  query: string,
  code: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): Attack {
  return {
    name,
    send: (target) => target.post(JSON.stringify({ query, ...more })),
    refusedWith: { status: [400], code },
  };
}

const creator = 'creator(username: "ada")';
const invalid = ['GRAPHQL_VALIDATION_FAILED'];
const input = ['BAD_USER_INPUT'];

/** Operations whose text is the weapon. */
export const operationAttacks: readonly Attack[] = [
  operation('40 levels of followers', `{ ${creator} { ${nest(40, 'followers(first: 1) { nodes { ', 'id')} } }`, [
    'DEPTH_LIMIT',
  ]),
  operation(
    '40 levels inside inline fragments',
    `{ ${creator} { ${nest(40, '... on Creator { followers(first: 1) { nodes { ', 'id')} } }`,
    ['DEPTH_LIMIT'],
  ),
  operation('5,000 nested braces', `{ ${nest(5_000, 'a { ', 'b')} }`, ['TOKEN_LIMIT', 'DEPTH_LIMIT']),
  operation('100 aliases of one field', `{ ${times(100, (n) => `a${n}: __typename`)} }`, ['ALIAS_LIMIT']),
  operation('4,000 aliases', `{ ${times(4_000, (n) => `a${n}: __typename`)} }`, ['TOKEN_LIMIT']),
  operation('100 aliases of a search', `{ ${times(100, (n) => `a${n}: ${creator} { id }`)} }`, ['ALIAS_LIMIT']),
  operation(
    '100 mutations in one operation',
    `mutation { ${times(100, (n) => `a${n}: registerCreator(input: { username: "u${n}", displayName: "x", type: DEVELOPER }) { eventIds }`)} }`,
    ['ALIAS_LIMIT', 'ROOT_FIELD_LIMIT', 'TOKEN_LIMIT'],
  ),
  operation('one field 3,000 times', `{ ${creator} { ${'username '.repeat(3_000)} } }`, ['FIELD_LIMIT', 'TOKEN_LIMIT']),
  operation('one field 80,000 times', `{ ${'__typename '.repeat(80_000)} }`, ['DOCUMENT_LIMIT']),
  operation('2,000 directives on one field', `{ __typename ${'@skip(if: false) '.repeat(2_000)} }`, ['TOKEN_LIMIT']),
  operation('1,000 unknown directives', `{ __typename ${'@a'.repeat(1_000)} }`, invalid),
  operation('1,000 unknown fields', `{ ${times(1_000, (n) => `nothing${n}`)} }`, ['ROOT_FIELD_LIMIT', ...invalid]),
  operation('a fragment that spreads itself', '{ ...A } fragment A on Query { __typename ...A }', invalid),
  operation(
    'fragments in a circle',
    `{ ...F0 } ${times(100, (n) => `fragment F${n} on Query { __typename ...F${(n + 1) % 100} }`)}`,
    ['ROOT_FIELD_LIMIT', ...invalid],
  ),
  operation(
    'fragments that double 40 times',
    `{ ...F0 } ${times(40, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F40 on Query { __typename }`,
    ['FIELD_LIMIT', 'ROOT_FIELD_LIMIT'],
  ),
  operation(
    'fields that must be compared pairwise',
    `{ ${creator} { ${times(700, (n) => `... on Creator { username ... on Creator { id } ${n % 2 === 0 ? '' : 'displayName'} }`)} } }`,
    ['TOKEN_LIMIT', 'FIELD_LIMIT'],
  ),
  operation('deep introspection', `{ __schema { types { ${nest(12, 'fields { type { ', 'name')} } } }`, [
    'DEPTH_LIMIT',
  ]),
  operation(
    'wide introspection in a circle',
    `{ __schema { types { fields { type { ${nest(6, 'fields { type { ', 'name')} } } } } }`,
    ['DEPTH_LIMIT'],
  ),
  operation('a list of a million', '{ creators(first: 1000000) { nodes { id } } }', ['COST_LIMIT_EXCEEDED', ...input]),
  operation(
    'lists in lists in lists',
    '{ creators(first: 100) { nodes { followers(first: 100) { nodes { artifacts(first: 100) { nodes { id } } } } } } }',
    ['COST_LIMIT_EXCEEDED'],
  ),
  operation(
    '500 operations in one document',
    times(500, (n) => `query Q${n} { __typename }`),
    ['OPERATION_RESOLUTION_FAILURE'],
    { operationName: 'Q500' },
  ),
  operation('an operation named like a prototype', '{ __typename }', ['OPERATION_RESOLUTION_FAILURE'], {
    operationName: '__proto__',
  }),
  operation('an integer beyond 32 bits', '{ creators(first: 99999999999999999999) { nodes { id } } }', invalid),
  operation('a string of 600,000 characters', `{ creator(username: "${'x'.repeat(600_000)}") { id } }`, [
    'DOCUMENT_LIMIT',
  ]),
  operation(
    "a subgraph's entities",
    '{ _entities(representations: [{ __typename: "Creator", id: "1" }]) { __typename } }',
    invalid,
  ),
  operation("a subgraph's schema", '{ _service { sdl } }', invalid),
  operation('a subscription without a stream', 'subscription { canonChanged { id } }', ['BAD_REQUEST', ...invalid]),
  operation('nothing', '', ['BAD_REQUEST', 'GRAPHQL_PARSE_FAILED']),
  operation('a null byte', '{ \u0000 }', ['GRAPHQL_PARSE_FAILED']),
  operation('a query that is an array', '', ['BAD_REQUEST'], { query: ['{ __typename }'] }),
];

const byName = 'query ($u: String!) { creator(username: $u) { id } }';

/** Operations whose variables are the weapon. */
export const variableAttacks: readonly Attack[] = [
  operation('a variable of 600,000 characters', byName, ['VARIABLE_LIMIT'], { variables: { u: 'x'.repeat(600_000) } }),
  operation('100,000 ids', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', ['VARIABLE_LIMIT', ...invalid], {
    variables: { ids: Array.from({ length: 100_000 }, (_, n) => String(n)) },
  }),
  operation('100,000 variables that nothing uses', byName, ['VARIABLE_LIMIT'], {
    variables: Object.fromEntries([['u', 'a'], ...Array.from({ length: 50_000 }, (_, n) => [`v${n}`, n])]),
  }),
  operation('variables that are a list', byName, ['BAD_REQUEST'], { variables: [1, 2] }),
  {
    name: 'variables 100,000 levels deep',
    send: (target) =>
      target.post(`{"query":${JSON.stringify(byName)},"variables":{"u":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`),
    refusedWith: { status: [400], code: ['VARIABLE_LIMIT', 'BAD_REQUEST'] },
  },
  {
    name: 'a prototype as a variable',
    send: (target) => target.post(`{"query":${JSON.stringify(byName)},"variables":{"__proto__":{"u":"ada"}}}`),
    refusedWith: { status: [400], code: ['BAD_USER_INPUT'] },
  },
];
