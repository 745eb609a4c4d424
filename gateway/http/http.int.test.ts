import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createGateway } from '../gateway.ts';
import { startPlatform } from '../scenarios/platform.ts';
import type { Platform } from '../scenarios/platform.ts';

// Goal: over HTTP a client gets what GraphQL over HTTP promises, and every refusal says what was wrong.
let platform: Platform;
let directory: string;
let healthy = true;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-gateway-'));
  await mkdir(join(directory, 'site', 'assets'), { recursive: true });
  await writeFile(join(directory, 'site', 'index.html'), '<!doctype html><title>board</title>');
  await writeFile(join(directory, 'site', 'assets', 'a-123.js'), 'export {}');
  await writeFile(join(directory, 'secret.txt'), 'secret');
  platform = await startPlatform({
    dashboardDirectory: join(directory, 'site'),
    readiness: {
      store: async () => {
        if (!healthy) throw new Error('the store is away');
      },
      log: async () => {},
    },
  });
});
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code;
const at = (path: string): string => new URL(path, platform.url).href;
const raw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(platform.url);
    httpRequest({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const portOf = ({ url }: Platform): number => Number(new URL(url).port);

describe('/graphql', () => {
  test('POST with variables, and GET for queries only', async () => {
    const posted = await platform.post({ query: 'query ($n: String) { hello(name: $n) }', variables: { n: 'Ada' } });
    expect([posted.status, await posted.json()]).toEqual([200, { data: { hello: 'hello Ada' } }]);
    const get = await fetch(`${platform.url}?query=${encodeURIComponent('{hello}')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(await get.json()).toEqual({ data: { hello: 'hello you' } });
    const mutation = await fetch(`${platform.url}?query=${encodeURIComponent('mutation{shout(text:"a")}')}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(mutation.status).toBe(405);
  });

  test('goal: a GET with a token needs no other header, as urql sends every query; one without both is refused', async () => {
    const url = `${platform.url}?query=${encodeURIComponent('{hello}')}`;
    const authorization = `Bearer ${await platform.token('ada')}`;
    const signed = await fetch(url, { headers: { authorization } });
    expect([signed.status, await signed.json()]).toEqual([200, { data: { hello: 'hello you' } }]);
    expect((await fetch(url)).status).toBe(400);
    // A browser sends these by itself to whoever once asked for them.
    expect((await fetch(url, { headers: { authorization: 'Basic YTpi' } })).status).toBe(401);
  });

  test('a key of variables that is written with escapes is itself, whatever others sent before', async () => {
    const query = 'query Q($name: String) { hello(name: $name) }';
    const asked = (variables: string): string => `{"query":${JSON.stringify(query)},"variables":${variables}}`;
    const escaped = '{"b":1,"\\u006eame":"ada"}';
    // V8 takes the escaped key for this one, which begins as it is written.
    await platform.post(asked('{"b":1,"\\\\u00":1}'));
    const byPost = await platform.post(asked(escaped));
    expect(await byPost.json()).toEqual({ data: { hello: 'hello ada' } });
    const search = new URLSearchParams({ query, variables: escaped }).toString();
    const byGet = await fetch(`${platform.url}?${search}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(await byGet.json()).toEqual({ data: { hello: 'hello ada' } });
  });

  const latin1 = Buffer.from('{"query":"{ hello(name: \\"Zoë\\") }"}', 'latin1');
  const utf8 = Buffer.from('\uFEFF{"query":"{ hello(name: \\"Zoë\\") }"}');
  test.each<[string, Buffer, string, number, RegExp]>([
    ['in UTF-8, behind its mark', utf8, 'application/json; charset="UTF-8"', 200, /hello Zoë/],
    ['that says it is Latin-1', latin1, 'application/json; charset=ISO-8859-1', 415, /not in iso-8859-1/],
    ['in Latin-1 without a word', latin1, 'application/json', 400, /not UTF-8/],
  ])('a body %s: no letter is taken for another', async (_name, body, type, status, text) => {
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: new Uint8Array(body),
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(text);
  });

  test('an operation name without a letter names none, over GET as over POST', async () => {
    const url = `${platform.url}?query=${encodeURIComponent('query A {hello}')}&operationName=`;
    const get = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    expect([get.status, await get.json()]).toEqual([200, { data: { hello: 'hello you' } }]);
    const posted = await platform.post({ query: 'query A {hello}', operationName: '' });
    expect(await posted.json()).toEqual({ data: { hello: 'hello you' } });
  });

  test('a named operation of several; an unknown or missing name is refused', async () => {
    const query = 'query A { hello } query B { b: hello }';
    expect(await (await platform.post({ query, operationName: 'B' })).json()).toEqual({ data: { b: 'hello you' } });
    expect((await platform.post({ query })).status).toBe(400);
    expect((await platform.post({ query, operationName: 'C' })).status).toBe(400);
  });

  test.each<[string, unknown, Record<string, string>, number, string]>([
    ['malformed JSON', '{"query":', {}, 400, 'BAD_REQUEST'],
    ['a body that is too long', { query: `{ hello(name: "${'x'.repeat(1024 * 1024)}") }` }, {}, 413, 'BODY_TOO_LARGE'],
    [
      'a form, as another site could send it',
      'query={hello}',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'BAD_REQUEST',
    ],
    ['a batch', [{ query: '{hello}' }, { query: '{hello}' }], {}, 400, 'BAD_REQUEST'],
    ['no query', {}, {}, 400, 'BAD_REQUEST'],
    ['a syntax error', { query: '{ hello' }, {}, 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothing }' }, {}, 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      { query: 'query ($n: String) { hello(name: $n) }', variables: { n: 1 } },
      {},
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a subscription without a lasting connection',
      { query: 'subscription { said(space: "a") { id } }' },
      {},
      400,
      'BAD_REQUEST',
    ],
    [
      'a persisted query',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
      {},
      200,
      'PERSISTED_QUERY_NOT_SUPPORTED',
    ],
  ])('%s is refused', async (_name, body, headers, status, code) => {
    const asked = platform.scenario.calls.length;
    const response = await platform.post(body, headers);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
    expect(platform.scenario.calls).toHaveLength(asked);
  });

  test('a token is believed or refused with the reason; without one the caller is anonymous', async () => {
    const query = '{ whoAmI }';
    const good = await platform.post({ query }, { authorization: `Bearer ${await platform.token('ada')}` });
    expect(await good.json()).toEqual({ data: { whoAmI: 'ada' } });
    const anonymous = await platform.post({ query });
    expect(anonymous.status).toBe(200);
    expect(await anonymous.json()).toMatchObject({
      data: { whoAmI: null },
      errors: [{ path: ['whoAmI'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const expired = await platform.post(
      { query },
      { authorization: `Bearer ${await platform.token('ada', { ttlS: -60 })}` },
    );
    expect(expired.status).toBe(401);
    expect(expired.headers.get('www-authenticate')).toContain('Bearer');
    expect(await expired.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('expired at'), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('the answer has the media type that was asked for, and nothing is cached', async () => {
    const response = await platform.post({ query: '{hello}' }, { accept: 'application/graphql-response+json' });
    expect(response.headers.get('content-type')).toContain('application/graphql-response+json');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    const refused = await platform.post(
      { query: '{ hello ' },
      { accept: 'application/graphql-response+json;q=0, application/json' },
    );
    expect(refused.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(refused.status).toBe(200);
  });
});

describe('health and metrics', () => {
  test('live always, ready while every check passes, each by name', async () => {
    expect((await fetch(at('/health/live'))).status).toBe(200);
    expect(await (await fetch(at('/health/ready'))).json()).toEqual({
      status: 'ready',
      checks: { store: 'ok', log: 'ok' },
    });
    healthy = false;
    const response = await fetch(at('/health/ready'));
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'not ready', checks: { store: 'the store is away', log: 'ok' } },
    ]);
    healthy = true;
  });

  test('metrics count operations, fetches and refusals', async () => {
    await platform.post({ query: '{hello}' });
    const text = await (await fetch(at('/metrics'))).text();
    expect(text).toMatch(/vcos_gateway_operation_duration_seconds_count\{type="query",outcome="ok"\} \d/);
    expect(text).toMatch(/vcos_gateway_operation_duration_seconds_count\{type="unknown",outcome="refused"\} \d/);
    expect(text).toMatch(/vcos_gateway_subgraph_fetch_duration_seconds_count\{subgraph="talk",outcome="ok"\} \d/);
    expect(text).toContain('nodejs_eventloop_lag');
  });
});

describe('pages', () => {
  test('the dashboard, its assets for ever, its routes as itself', async () => {
    const page = await fetch(at('/'));
    expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    const again = await fetch(at('/'), { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    const asset = await fetch(at('/assets/a-123.js'));
    expect([asset.headers.get('content-type'), asset.headers.get('cache-control')]).toEqual([
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(await (await fetch(at('/creators/ada'))).text()).toContain('board');
    expect((await fetch(at('/assets/none.js'))).status).toBe(404);
    expect((await fetch(at('/'), { method: 'POST' })).status).toBe(405);
  });

  test('nothing outside the directory', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/.env.txt',
      '/%00.txt',
    ]) {
      expect(await raw(path)).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('start and stop', () => {
  test('a port in use is told by its number, with what to do', async () => {
    await expect(startPlatform({ port: portOf(platform) })).rejects.toMatchObject({
      name: 'PortInUseError',
      message: expect.stringMatching(new RegExp(`port ${portOf(platform)}.*PORT=`)),
    });
  });

  test('what was never started stops without a word', async () => {
    const { scenario } = platform;
    const gateway = createGateway({
      port: 0,
      host: '127.0.0.1',
      supergraph: scenario.supergraphSdl,
      transports: {},
      logger: pino({ level: 'silent' }),
      identity: { builtInKey: null, issuers: [] },
    });
    await expect(gateway.stop()).resolves.toBeUndefined();
    expect(gateway.address).toBeNull();
  });

  test('a page that was not built says what to run', async () => {
    const other = await startPlatform({ dashboardDirectory: join(directory, 'absent') });
    const response = await fetch(new URL('/', other.url));
    expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('npm run build:dashboard')]);
    await other.stop();
  });

  test('a request that runs is answered before the server is gone', async () => {
    const other = await startPlatform();
    const answer = other.post({ query: '{ slow }' });
    while (other.scenario.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await other.stop();
    expect(await (await answer).json()).toEqual({ data: { slow: 1 } });
    await expect(other.post({ query: '{ hello }' })).rejects.toThrow();
  });
});
