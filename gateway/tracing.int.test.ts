import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createOtlpTracing } from '../runtime/otlp-tracing.ts';
import type { Tracing } from '../runtime/tracing.ts';
import type { SubgraphDependencies } from '../subgraphs/shared/context.ts';
import { createSubgraphServer } from '../subgraphs/shared/subgraph-server.ts';
import { createSubgraph } from '../subgraphs/shared/subgraph.ts';
import { startPlatform } from './scenarios/platform.ts';
import type { Platform } from './scenarios/platform.ts';
import { createHttpTransport } from './transports/http.ts';

// Goal: one trace from the client through the gateway into the subgraphs, with nothing personal in it, and never at a request's expense.
interface Received {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[];
  readonly status: { code?: number };
}
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Received[] }[] }[];
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parentId}-01`;
const server = 2;
const client = 3;

let collector: Server;
let endpoint: string;
let received: Received[];
let requests: string[];
let status: number;
interface Line {
  readonly msg: string;
  readonly traceId?: string;
}
const lines: Line[] = [];
const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  [received, requests, status] = [[], [], 200];
  lines.length = 0;
  collector = createServer((request, response) => {
    void json(request).then((body) => {
      requests.push(request.url ?? '');
      for (const { scopeSpans } of (body as Export).resourceSpans)
        for (const { spans } of scopeSpans) received.push(...spans);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

function trace(options: { endpoint?: string; delayMs?: number } = {}): Tracing {
  const tracing = createOtlpTracing({ endpoint, serviceName: 'test', logger, ...options });
  ends.push(() => tracing.stop());
  return tracing;
}
async function start(options: Parameters<typeof startPlatform>[0]): Promise<Platform> {
  const platform = await startPlatform(options);
  ends.push(() => platform.stop());
  return platform;
}
const attributesOf = ({ attributes }: Received): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
const find = (kind: number, name?: string): Received => {
  const span = received.find((one) => one.kind === kind && (name === undefined || one.name === name));
  if (!span) throw new Error(`no span of kind ${kind} ${name ?? ''} in ${JSON.stringify(received)}`);
  return span;
};

const query = 'query Greet($name: String) { hello(name: $name) }';
const body = { query, variables: { name: 'Secret Person' } };

describe('a traced request', () => {
  test.each([
    ['the direct path', (platform: Platform) => platform.post(body, { traceparent })],
    [
      'Apollo Server',
      ({ url }: Platform) =>
        fetch(`${url}?${new URLSearchParams({ query, variables: JSON.stringify(body.variables) })}`, {
          headers: { traceparent, 'content-type': 'application/json' },
        }),
    ],
  ])('over %s goes on with its trace, one span per operation and fetch', async (_name, send) => {
    const tracing = trace();
    const platform = await start({ tracing });
    const response = await send(platform);
    expect(await response.json()).toEqual({ data: { hello: 'hello Secret Person' } });
    expect(response.headers.get('x-trace-id')).toBe(traceId);
    await tracing.stop();
    expect(requests).toEqual(['/v1/traces']);
    expect(received).toHaveLength(2);
    const operation = find(server);
    const fetched = find(client);
    expect(operation).toMatchObject({ name: 'graphql', traceId, parentSpanId: parentId });
    expect(attributesOf(operation)).toEqual({
      'http.request.method': response.url.includes('?') ? 'GET' : 'POST',
      'http.response.status_code': 200,
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Greet',
    });
    expect(fetched).toMatchObject({ name: 'subgraph talk', traceId, parentSpanId: operation.spanId });
    expect(platform.scenario.calls[0]?.request.traceparent).toBe(`00-${traceId}-${fetched.spanId}-01`);
    expect(JSON.stringify(received)).not.toContain('Secret');
  });

  test('goes on in a subgraph behind HTTP, whose failure has the trace in its log', async () => {
    const tracing = trace();
    const secret = 'a secret for tests';
    const fail = (): never => {
      throw new Error('secret detail of a bug');
    };
    const subgraph = createSubgraphServer({
      subgraph: createSubgraph('creators', { Query: { me: fail } }),
      dependencies: { logger, tracing } as unknown as SubgraphDependencies,
      secret,
    });
    await subgraph.start(0, '127.0.0.1');
    ends.push(() => subgraph.stop());
    const platform = await start({
      tracing,
      supergraph: readFileSync(join(import.meta.dirname, '../schema/supergraph.graphql'), 'utf8'),
      transports: { creators: createHttpTransport({ name: 'creators', url: subgraph.url, secret }) },
    });
    const token = await platform.token('ada', { scopes: ['read'] });
    // The claims are looked up in a store that is not there: whatever fails, fails inside of the subgraph.
    const response = await platform.post({ query: '{ me { id } }' }, { traceparent, authorization: `Bearer ${token}` });
    expect(await response.json()).toHaveProperty('errors');
    await tracing.stop();
    const [operation, fetched, served] = [find(server, 'graphql'), find(client), find(server, 'subgraph creators')];
    expect(received.map((span) => span.traceId)).toEqual([traceId, traceId, traceId]);
    expect([operation.parentSpanId, fetched.parentSpanId, served.parentSpanId]).toEqual([
      parentId,
      operation.spanId,
      fetched.spanId,
    ]);
    expect(received.map((span) => span.status.code)).toEqual([2, 2, 2]);
    expect(attributesOf(served)).toMatchObject({ 'error.type': 'INTERNAL_SERVER_ERROR' });
    expect(lines.find(({ msg }) => msg === 'a resolver failed')).toMatchObject({ traceId });
    expect(JSON.stringify(received)).not.toContain('secret');
  });

  test.each([
    ['none', undefined],
    ['text', 'nonsense'],
    ['zeros', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['capitals', traceparent.toUpperCase()],
    ['more than version 00 has', `${traceparent}-x`],
  ])('begins a trace where the client names %s', async (_name, header) => {
    const tracing = trace();
    const platform = await start({ tracing });
    const response = await platform.post(body, header === undefined ? {} : { traceparent: header });
    expect(response.status).toBe(200);
    await tracing.stop();
    const operation = find(server);
    expect(response.headers.get('x-trace-id')).toBe(operation.traceId);
    expect(operation.traceId).not.toBe(traceId);
    expect(operation.parentSpanId).toBeUndefined();
  });

  test('that was refused tells its status; one that is not sampled is passed on and not sent', async () => {
    const tracing = trace();
    const platform = await start({ tracing });
    expect((await platform.post('no JSON', { traceparent })).status).toBe(400);
    await platform.post(body, { traceparent: `00-${traceId}-${parentId}-00` });
    expect(platform.scenario.calls[0]?.request.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    await tracing.stop();
    expect(received).toHaveLength(1);
    expect(attributesOf(find(server))).toMatchObject({ 'http.response.status_code': 400 });
  });
});

test('without a collector nothing is traced, sent or told', async () => {
  const platform = await start({});
  const response = await platform.post(body, { traceparent });
  expect(response.headers.has('x-trace-id')).toBe(false);
  expect(platform.scenario.calls[0]?.request.traceparent).toBeUndefined();
  expect(requests).toEqual([]);
});

test('a collector that is away costs no request anything, one line of the log, and three seconds of the end at most', async () => {
  status = 400;
  const tracing = trace({ delayMs: 1 });
  const platform = await start({ tracing });
  // Each round is at least one batch that is refused.
  for (let round = 1; round <= 3; round += 1) {
    expect((await platform.post(body)).status).toBe(200);
    while (requests.length < round) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const nobody = trace({ endpoint: 'http://127.0.0.1:1' });
  nobody.serve('graphql', undefined, {}).end();
  const startedMs = performance.now();
  await Promise.all([nobody.stop(), tracing.stop()]);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  const told = lines.filter(({ msg }) => msg.startsWith('the trace collector takes no spans'));
  // One for each of the two.
  expect(told).toHaveLength(2);
});
