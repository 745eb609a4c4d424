import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogUnavailableError } from '../../engines/event-log/port.ts';
import { StoreUnavailableError } from '../../engines/graph-store/port.ts';
import { WarehouseUnavailableError } from '../../engines/warehouse/port.ts';
import { createLogger } from '../../runtime/logger.ts';
import {
  CLOCK_HEADER,
  SIGNATURE_AGE_MS_MAX,
  SIGNATURE_HEADER,
  readClock,
  signGatewayRequest,
} from '../../runtime/gateway-signature.ts';
import type { Claims } from '../../runtime/identity.ts';
import { HANDSHAKE, HANDSHAKE_HEADER } from '../../schema/handshake.ts';
import type { SubgraphDependencies } from './context.ts';
import { type SubgraphServer, createSubgraphServer, requestBytesMax } from './subgraph-server.ts';
import { createSubgraph } from './subgraph.ts';

// Goal: over HTTP a subgraph does what the gateway asks, and nothing for anybody else.
const secret = 'a secret for tests';
let server: SubgraphServer;
let calls = 0;
let failure: Error = new Error('secret detail of a bug');

beforeAll(async () => {
  const resolvers = {
    Query: {
      me: () => {
        calls += 1;
        return null;
      },
      creators: () => {
        throw failure;
      },
    },
  };
  // These operations read nothing of the store: anonymous callers are not looked up.
  const dependencies = { logger: createLogger('silent') } as unknown as SubgraphDependencies;
  server = createSubgraphServer({ subgraph: createSubgraph('creators', resolvers), dependencies, secret });
  await server.start(0, '127.0.0.1');
});
afterAll(() => server.stop());

function post(
  body: string,
  change: Record<string, string | undefined> = {},
  claims: Claims | null = null,
): Promise<Response> {
  const signature = signGatewayRequest({
    secret,
    subgraph: 'creators',
    handshake: HANDSHAKE,
    claims,
    body,
    nowMs: Date.now(),
  });
  const headers: Record<string, string | undefined> = { [HANDSHAKE_HEADER]: HANDSHAKE, ...signature, ...change };
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(server.url, { method: 'POST', body, headers: Object.fromEntries(given) });
}

const body = JSON.stringify({ query: '{ me { id } }' });

describe('subgraph server', () => {
  test('executes what the gateway signed', async () => {
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { me: null } });
  });

  test.each([
    ['no handshake', { [HANDSHAKE_HEADER]: undefined }, 451],
    ['another handshake', { [HANDSHAKE_HEADER]: '1-2-3' }, 451],
    ['no signature', { [SIGNATURE_HEADER]: undefined }, 401],
    ['another signature', { [SIGNATURE_HEADER]: `t=${Date.now()},n=${'0'.repeat(16)},v2=${'0'.repeat(64)}` }, 401],
    ['other claims', { 'x-vcos-claims': Buffer.from('{}').toString('base64url') }, 401],
    ['no claims', { 'x-vcos-claims': undefined }, 401],
  ])('%s: nothing is done', async (_name, change, status) => {
    const before = calls;
    const response = await post(body, change);
    expect(response.status).toBe(status);
    expect(calls).toBe(before);
  });

  test('an old signature is refused', async () => {
    const signature = signGatewayRequest({
      secret,
      subgraph: 'creators',
      handshake: HANDSHAKE,
      claims: null,
      body,
      nowMs: Date.now() - 3_600_000,
    });
    const refused = await post(body, { ...signature });
    expect(refused.status).toBe(401);
    const told = readClock(
      { secret, signatureHeader: signature[SIGNATURE_HEADER] },
      refused.headers.get(CLOCK_HEADER) ?? '',
    );
    expect(Math.abs((told ?? 0) - Date.now())).toBeLessThan(SIGNATURE_AGE_MS_MAX);
    const forged = await post(body, { [SIGNATURE_HEADER]: `t=1,n=${'0'.repeat(16)},v2=${'0'.repeat(64)}` });
    expect([forged.status, forged.headers.get(CLOCK_HEADER)]).toEqual([401, null]);
  });

  test('what another subgraph was asked is nothing to this one', async () => {
    const before = calls;
    const signed = { secret, handshake: HANDSHAKE, claims: null, body, nowMs: Date.now() };
    const refused = await post(body, { ...signGatewayRequest({ ...signed, subgraph: 'canon' }) });
    expect([refused.status, calls]).toEqual([401, before]);
  });

  test('a mutation that somebody sends again is not done again; the gateway may ask for the same twice', async () => {
    const mutation = JSON.stringify({ query: 'mutation { eraseCreator(input: {}) { userErrors { code } } }' });
    const signed = { secret, subgraph: 'creators', handshake: HANDSHAKE, claims: null, nowMs: Date.now() };
    const headers = { ...signGatewayRequest({ ...signed, body: mutation }) };
    expect((await post(mutation, headers)).status).toBe(200);
    const again = await post(mutation, headers);
    expect(again.status).toBe(401);
    expect(await again.text()).toContain('taken before');
    expect((await post(mutation)).status).toBe(200);
    const query = { ...signGatewayRequest({ ...signed, body }) };
    for (let n = 0; n < 2; n += 1) expect((await post(body, query)).status).toBe(200);
  });

  test('POST only, JSON only, and not without end', async () => {
    expect((await fetch(server.url, { headers: { [HANDSHAKE_HEADER]: HANDSHAKE } })).status).toBe(405);
    expect((await post('{')).status).toBe(400);
    expect((await post(`"${'x'.repeat(requestBytesMax)}"`)).status).toBe(413);
  });

  test('a fault of the operation is told, a bug is masked', async () => {
    const faulty = (await (await post(JSON.stringify({ query: '{ nothing }' }))).json()) as {
      errors: { message: string }[];
    };
    expect(faulty.errors[0]?.message).toMatch(/nothing/);
    const bug = await (await post(JSON.stringify({ query: '{ creators { nodes { id } } }' }))).text();
    expect(bug).toContain('INTERNAL_SERVER_ERROR');
    expect(bug).not.toMatch(/secret detail|stack/);
  });

  test.each([
    ['store', new StoreUnavailableError('Neo4j at bolt://10.0.0.1')],
    ['event log', new LogUnavailableError('Kafka at 10.0.0.1')],
    ['warehouse', new WarehouseUnavailableError('ClickHouse at 10.0.0.1')],
  ])('that the %s is away is told as something to try again, without where it is', async (engine, outage) => {
    failure = outage;
    const text = await (await post(JSON.stringify({ query: '{ creators { nodes { id } } }' }))).text();
    expect(text).toContain('SERVICE_UNAVAILABLE');
    expect(text).toContain(`the ${engine} cannot be reached`);
    expect(text).not.toContain('10.0.0.1');
  });
});
