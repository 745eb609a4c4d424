import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';
import { answerType } from './media-types.ts';

// Goal: whether a request is answered directly or by Apollo Server makes no difference to a client.
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ limits: { costPerMinute: 1_000_000 } });
});
afterAll(() => platform.stop());

/** A header that asks for the same, but not in the way that is taken directly. */
const throughApollo = {
  accept: 'application/json; charset=utf-8, application/json',
};

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

async function answerOf(body: unknown, headers: Record<string, string>): Promise<Answer> {
  const response = await platform.post(body, headers);
  const { date: _date, ratelimit: _rate, ...kept } = Object.fromEntries(response.headers);
  return { status: response.status, headers: kept, body: await response.json() };
}

describe('a request answered directly', () => {
  test.each<[string, unknown]>([
    ['a query', { query: '{ hello }' }],
    ['with variables', { query: 'query Q($n: String) { hello(name: $n) }', variables: { n: 'ünï"\\' } }],
    ['one of several operations', { query: 'query A { hello } query B { whoAmI }', operationName: 'A' }],
    ['a mutation', { query: 'mutation { shout(text: "a") }' }],
    ['a field that needs a token', { query: '{ hello whoAmI }' }],
    ['introspection', { query: '{ __schema { queryType { name } } __typename }' }],
    ['variables that do not fit', { query: 'query Q($n: String!) { hello(name: $n) }', variables: {} }],
    ['variables of null', { query: '{ hello }', variables: null, extensions: null, operationName: null }],
    ['an unknown operation', { query: 'query A { hello }', operationName: 'B' }],
    ['no operation named', { query: 'query A { hello } query B { hello }' }],
    ['no query', { variables: {} }],
    ['a subscription', { query: 'subscription { said(space: "s") { id } }' }],
    ['an invalid query', { query: '{ nothing }' }],
    ['no object', [{ query: '{ hello }' }]],
    ['a query that is no string', { query: 5 }],
    ['an operation name that is no string', { query: '{ hello }', operationName: 5 }],
  ])('%s: the same as from Apollo Server', async (_name, body) => {
    expect(answerType(throughApollo.accept)).toBeNull();
    const direct = await answerOf(body, { accept: 'application/json' });
    expect(direct).toEqual(await answerOf(body, throughApollo));
    expect(direct.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  test.each([
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'application/graphql-response+json,application/json;q=0.9',
    'application/json, application/graphql-response+json',
    'application/graphql-response+json, application/graphql+json, application/json, multipart/mixed;deferSpec=20220824',
    'text/html, application/*;q=0.5, */*;q=0.1',
    'application/json;q=0, */*',
    'text/html',
  ])('accept %s: the type that Apollo Server gives', async (accept) => {
    const apollo = await fetch(`${platform.url}?query={hello}`, {
      headers: { accept, 'apollo-require-preflight': '1' },
    });
    const direct = await platform.post({ query: '{ hello }' }, { accept });
    expect(direct.status).toBe(apollo.status);
    expect(direct.headers.get('content-type')).toBe(apollo.headers.get('content-type'));
    if (apollo.status === 200) expect(answerType(accept)).toBe(apollo.headers.get('content-type'));
  });
});
