/** Goal: what callers of a real gateway meet reaches the log by pseudonym, and from there the releases; neither addresses nor what was asked are told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { type SqliteEngines, openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { createLogger } from '../../runtime/logger.ts';
import { type ApiUse, apiUseSchema } from '../../schema/api-use.ts';
import { topics } from '../../schema/topics.ts';
import { contributeApiUse, decodeApiUse } from '../../streams/privacy/api-use-steps.ts';
import { contributionSchema } from '../../streams/privacy/contribution.ts';
import { dryRun } from '../../streams/shared/testing.ts';
import { type Gateway, createGateway } from '../gateway.ts';

const supergraph = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT | SCALAR
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { ONE @join__graph(name: "one", url: "") }
type Query @join__type(graph: ONE) { answer: Int fails: Int }`;

const directory = mkdtempSync(join(tmpdir(), 'vcos-test-usage-'));
let engines: SqliteEngines;
let gateway: Gateway;

const open = async (): Promise<void> => {
  engines = openSqliteEngines({ directory: mkdtempSync(join(directory, 'run-')) });
  await engines.eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    supergraph,
    transports: {
      one: {
        execute: async ({ query }) =>
          query.includes('fails')
            ? { data: { fails: null }, errors: [{ message: 'it failed' }] }
            : { data: { answer: 42 } },
        close: async () => undefined,
      },
    },
    logger: createLogger('silent'),
    identity: { builtInKey: null, issuers: [] },
    usage: { log: engines.eventLog, key: Buffer.alloc(32, 1) },
  });
  await gateway.start();
};
beforeEach(open);
afterEach(async () => {
  await gateway.stop();
  await engines.eventLog.close();
  await engines.store.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const records = (): Promise<readonly LogRecord[]> =>
  engines.eventLog.read({ topic: topics.apiUse.name, partition: 0, from: 0, limit: 100 });
const usesTold = async (): Promise<readonly ApiUse[]> =>
  (await records()).map(({ value }) => apiUseSchema.parse(JSON.parse(value ?? '')));
const answersIn = (uses: readonly ApiUse[]): number =>
  uses.flatMap(({ latencies }) => latencies).reduce((sum, count) => sum + count, 0);

test('answers, errors, refusals and refused log-ins are told, and nothing else', async () => {
  const ask = async (query: string, headers: Record<string, string> = {}): Promise<number> => {
    const body = JSON.stringify({ query });
    const sent = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
    const response = await fetch(gateway.address?.url ?? '', sent);
    await response.text();
    return response.status;
  };
  expect(await ask('{ answer }')).toBe(200);
  expect(await ask('{ fails }')).toBe(200);
  expect(await ask('{ absent }')).toBe(400);
  expect(await ask('{ answer }', { authorization: 'Bearer forged' })).toBe(401);
  await gateway.stop();

  const uses = await usesTold();
  expect(new Set(uses.map(({ caller }) => caller)).size).toBe(1);
  expect(new Set(uses.flatMap(({ outcomes }) => outcomes))).toEqual(
    new Set(['OK', 'ERRORS', 'REFUSED', 'UNAUTHENTICATED']),
  );
  expect(answersIn(uses)).toBe(4);
  expect(uses.flatMap(({ logIns }) => logIns)).toEqual(['REFUSED']);
  expect(JSON.stringify(await records())).not.toMatch(/127\.0\.0|forged|answer|absent/);

  const dry = dryRun(
    {
      name: 'privacy-api-use',
      input: 'apiUse',
      outputs: ['privacyContributions'],
      stores: [],
      decode: decodeApiUse,
      handle: contributeApiUse,
    },
    await records(),
  );
  const items = dry.emitted('privacyContributions').flatMap((message) => {
    const parsed = contributionSchema.parse(message);
    return parsed.kind === 'activity' ? parsed.items : [];
  });
  expect(new Set(items.map(([metric]) => metric))).toEqual(new Set(['api-latency', 'api-outcomes', 'log-ins-hour']));
});

/** Says its lines on a socket of its own, and resolves with how many operations were answered when all are complete, or with the code that closed it. */
async function talk(token: string | null, queries: readonly string[]): Promise<number> {
  const socket = new WebSocket((gateway.address?.url ?? '').replace('http', 'ws'), 'graphql-transport-ws');
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const payload = token === null ? {} : { authorization: `Bearer ${token}` };
  let answered = 0;
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
  socket.on('error', reject);
  socket.on('close', (code) => resolve(code));
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as { type: string };
    if (type === 'connection_ack')
      for (const [n, query] of queries.entries())
        socket.send(JSON.stringify({ id: String(n), type: 'subscribe', payload: { query } }));
    if (type === 'complete' || type === 'error') answered += 1;
    if (answered === queries.length) socket.close(1000);
  });
  const code = await promise;
  return code === 1000 ? answered : code;
}

test('operations of sockets and of streams of events are told like requests, when they are answered', async () => {
  expect(await talk(null, ['{ answer }', '{ fails }', '{ absent }'])).toBe(3);
  expect(await talk('forged', [])).toBe(4403);
  const response = await fetch(gateway.address?.url ?? '', {
    method: 'POST',
    body: JSON.stringify({ query: '{ fails }' }),
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  expect(await response.text()).toContain('event: complete');
  await gateway.stop();

  const uses = await usesTold();
  expect(answersIn(uses)).toBe(4);
  expect(new Set(uses.flatMap(({ outcomes }) => outcomes))).toEqual(new Set(['OK', 'ERRORS', 'REFUSED']));
  expect(uses.flatMap(({ logIns }) => logIns)).toEqual(['REFUSED']);
});
