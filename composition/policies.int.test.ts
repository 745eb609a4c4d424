import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type Gateway, createGateway } from '../gateway/gateway.ts';
import { createCapabilityPolicies } from '../gateway/operations/capability-policies.ts';
import { SubgraphUnavailableError } from '../gateway/transports/transport.ts';
import { readConfig } from '../runtime/config.ts';
import { issueToken } from '../runtime/issuer.ts';
import { createLogger } from '../runtime/logger.ts';
import { composeSupergraph } from '../schema/compose.ts';
import { liveSources } from '../schema/live.ts';
import { standingId } from '../subgraphs/shared/acceptance.ts';
import { type Platform, startPlatform } from './platform.ts';
import { type Subgraphs, inProcessSubgraphs } from './subgraphs.ts';

// Goal: with our own subgraphs, a field that a policy guards is read by whoever has the trust level, whichever way it is asked for; a change
// of the level is noticed, open subscriptions included; and without the subgraph that knows levels the last known one stands.
const logger = createLogger('silent');
const freshMs = 20;
let directory: string;
let platform: Platform;
let subgraphs: Subgraphs;
let gateway: Gateway;
let isAway = false;

/** Our supergraph, with the policy on a query, an entity's field, a type behind an interface and a subscription as well. */
async function guardedSupergraph(): Promise<string> {
  const folder = join(directory, 'schema');
  await cp(join(import.meta.dirname, '..', 'schema', 'subgraphs'), join(folder, 'subgraphs'), { recursive: true });
  const policy = '@policy(policies: [["capability:certificate.issue"]])';
  const guard = async (subgraph: string, changes: readonly (readonly [string, string])[]): Promise<void> => {
    const file = join(folder, 'subgraphs', `${subgraph}.graphql`);
    let text = await readFile(file, 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${subgraph}: there is no ${from}`);
      text = text.replace(from, to);
    }
    await writeFile(file, text);
  };
  await guard('reputation', [
    ['trustLevel: TrustLevel!', `trustLevel: TrustLevel ${policy}`],
    ['reputationSigningKey: String!', `reputationSigningKey: String ${policy}`],
  ]);
  await guard('canon', [
    ['"@requiresScopes"]', '"@requiresScopes", "@policy"]'],
    [': CanonEvent! @authenticated', `: CanonEvent! @authenticated ${policy}`],
  ]);
  return composeSupergraph(folder)['supergraph.graphql'];
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-policies-'));
  platform = await startPlatform(readConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' }), logger);
  subgraphs = inProcessSubgraphs(platform.dependencies);
  const { reputation } = subgraphs.transports;
  if (!reputation) throw new Error('there is no subgraph reputation');
  const transport: typeof reputation = {
    execute: (request) =>
      isAway ? Promise.reject(new SubgraphUnavailableError('it is away')) : reputation.execute(request),
    close: () => reputation.close(),
  };
  gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    supergraph: await guardedSupergraph(),
    transports: subgraphs.transports,
    logger,
    identity: { builtInKey: platform.keys.issuer.publicKey, issuers: [] },
    live: { log: platform.engines.eventLog, sources: liveSources },
    policies: createCapabilityPolicies({ transport, logger, freshMs }),
    policyRecheckMs: freshMs,
  });
  await gateway.start();
});
afterAll(async () => {
  await gateway.stop();
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  isAway = false;
});

interface Answer {
  readonly data?: Record<string, Record<string, unknown> | null> | null;
  readonly errors?: readonly { readonly path?: readonly unknown[]; readonly extensions: Record<string, unknown> }[];
}
const tokenOf = (subject: string): Promise<string> =>
  issueToken({ key: platform.keys.issuer, subject, scopes: ['read', 'write'], ttlS: 600 });

async function ask(login: string | null, query: string, variables: object = {}): Promise<Answer> {
  const headers = login === null ? {} : { authorization: `Bearer ${await tokenOf(login)}` };
  const response = await fetch(gateway.address?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

async function register(username: string): Promise<string> {
  const query = `mutation { registerCreator(input: { username: "${username}", type: ARTIST }) { creator { id } } }`;
  const { creator } = (await ask(username, query)).data?.['registerCreator'] as { creator: { id: string } };
  return creator.id;
}
async function putLevel(creatorId: string, level: number): Promise<void> {
  const clocks = { aboveSince: '', belowSince: '', changedAt: '', proposedAt: '', nextAt: '9999-12-31T00:00:00.000Z' };
  const props = { creatorId, level, ...clocks, scores: '{}', logOffset: 0 };
  await platform.engines.store.transact((tx) => tx.put({ type: 'TrustStanding', id: standingId(creatorId), props }));
  await new Promise((resolve) => setTimeout(resolve, freshMs + 5));
}

const reads = (id: string): string => `{
  reputationSigningKey
  creator(id: "${id}") { username trustLevel { level } }
  node(id: "${id}") { id ... on Creator { trustLevel { level } } }
}`;
const certify = (id: string): string =>
  `mutation { issueCertificate(input: { creatorId: "${id}", skill: "error correction", statement: "Built a surface code with me." }) { certificate { id } userErrors { code } } }`;
const codesOf = ({ errors = [] }: Answer): readonly string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.')} ${String(extensions['code'])}`).sort();
const everywhere = (code: string): readonly string[] =>
  [`creator.trustLevel ${code}`, `node.trustLevel ${code}`, `reputationSigningKey ${code}`].sort();

test('without the level nothing of it is read or done; with it everything is; and again nothing once it is lost', async () => {
  const [ada, bob] = [await register('ada'), await register('bob')];
  expect(codesOf(await ask(null, reads(bob)))).toEqual(everywhere('UNAUTHENTICATED'));
  expect(codesOf(await ask('nobody', reads(bob)))).toEqual(everywhere('FORBIDDEN'));
  const novice = await ask('ada', reads(bob));
  expect(codesOf(novice)).toEqual(everywhere('FORBIDDEN'));
  expect(novice.data).toEqual({
    reputationSigningKey: null,
    creator: { username: 'bob', trustLevel: null },
    node: { id: bob, trustLevel: null },
  });
  expect(codesOf(await ask('ada', certify(bob)))).toEqual(['issueCertificate FORBIDDEN']);

  await putLevel(ada, 3);
  const honoured = await ask('ada', reads(bob));
  expect(honoured.errors).toBeUndefined();
  expect(honoured.data).toMatchObject({ creator: { trustLevel: { level: 0 } }, node: { trustLevel: { level: 0 } } });
  expect((await ask('ada', certify(bob))).data).toMatchObject({ issueCertificate: { userErrors: [] } });
  expect(codesOf(await ask('bob', reads(ada)))).toEqual(everywhere('FORBIDDEN'));

  isAway = true;
  await new Promise((resolve) => setTimeout(resolve, freshMs + 5));
  expect((await ask('ada', reads(bob))).errors).toBeUndefined();
  isAway = false;
  await putLevel(ada, 2);
  // The failed look-up is not repeated at once.
  for (let answer = await ask('ada', reads(bob)); !answer.errors; answer = await ask('ada', reads(bob)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(codesOf(await ask('ada', certify(bob)))).toEqual(['issueCertificate FORBIDDEN']);
});

test('whose level was never known is refused while the subgraph is away', async () => {
  await putLevel(await register('cleo'), 4);
  isAway = true;
  expect(codesOf(await ask('cleo', '{ reputationSigningKey }'))).toEqual(['reputationSigningKey FORBIDDEN']);
});

test('a subscription is refused without the level, and ends when the level is lost', async () => {
  const dora = await register('dora');
  const client = createClient({
    url: (gateway.address?.url ?? '').replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authToken: await tokenOf('dora') },
  });
  const open = (): AsyncIterableIterator<unknown> =>
    client.iterate({ query: `subscription { canonChanged(entityId: "${dora}") { type } }` });
  await expect(open().next()).rejects.toMatchObject([{ path: ['canonChanged'], extensions: { code: 'FORBIDDEN' } }]);
  await putLevel(dora, 4);
  const events = open();
  const first = events.next();
  await new Promise((resolve) => setTimeout(resolve, 5 * freshMs));
  await ask(
    'dora',
    'mutation { addSkills(input: { skills: ["poetry"], expectedVersion: 1 }) { userErrors { code } } }',
  );
  expect((await first).value).toMatchObject({ data: { canonChanged: { type: 'creator.skills-changed' } } });
  const last = events.next();
  await putLevel(dora, 1);
  expect((await last).value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  expect((await events.next()).done).toBe(true);
  await client.dispose();
});
