import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import neo4j, { type Driver } from 'neo4j-driver';
import { type TestNeo4j, startTestNeo4j } from '../../../infra/jvm/neo4j/testing.ts';
import { openNeo4jDatabase } from './open-database.ts';

const startMsMax = 120_000;
/** What stands between parts of an address, quotes, ends escapes, and is not ASCII. */
const password = 'p:@/#?%&="\'\\ ßü€ 1';

let server: TestNeo4j;
let driver: Driver;
const ask = (cypher: string, parameters = {}, database = 'neo4j'): Promise<unknown> =>
  driver.executeQuery(cypher, parameters, { database });

beforeAll(async () => {
  server = await startTestNeo4j({ shared: true });
  driver = neo4j.driver(server.url, neo4j.auth.basic(server.user, server.password));
}, startMsMax);
afterAll(async () => {
  for (const user of ['special', 'expired']) await ask(`DROP USER ${user} IF EXISTS`, {}, 'system');
  await server.empty();
  await driver.close();
  await server.stop();
});

async function failureOf(options: Partial<TestNeo4j>): Promise<string> {
  try {
    await (await openNeo4jDatabase({ ...server, retryMsMax: 2_000, ...options })).close();
    return 'it was opened';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

async function listening(other: Server): Promise<{ address: string; stop: () => void }> {
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  return { address: `127.0.0.1:${(other.address() as AddressInfo).port}`, stop: () => void other.close() };
}

describe('opening a database of Neo4j', () => {
  test('goal: a password may have any characters', async () => {
    await ask('CREATE OR REPLACE USER special SET PASSWORD $password CHANGE NOT REQUIRED', { password }, 'system');
    expect(await failureOf({ user: 'special', password })).toBe('it was opened');
    expect(await failureOf({ user: 'special', password: `${password}x` })).toMatch(
      /^StoreUnavailableError: Neo4j at \S+ refuses the user or the password .*GRAPH_STORE_URL/,
    );
  });

  test('goal: a user who is to change the password first is told so, as one of a server that is new is', async () => {
    const first = 'changeme-1';
    await ask('CREATE OR REPLACE USER expired SET PASSWORD $first CHANGE REQUIRED', { first }, 'system');
    expect(await failureOf({ user: 'expired', password: first })).toMatch(
      /^StoreUnavailableError: Neo4j at \S+ wants another password for this user first .*set it in GRAPH_STORE_URL or GRAPH_STORE_PASSWORD$/,
    );
  });

  test('goal: an address that asks for servers is one, too', async () => {
    expect(await failureOf({ url: server.url.replace('bolt:', 'neo4j:') })).toBe('it was opened');
  });

  test.each([
    ['other', /has no such database .*set GRAPH_STORE_DATABASE to one that it has/],
    ['system', /does not let its database system \(GRAPH_STORE_DATABASE\) be used/],
  ])('goal: a database that cannot be the store is told with the setting that names it: %s', async (database, told) => {
    expect(await failureOf({ database })).toMatch(told);
  });

  test.each(['bolt+s', 'bolt+ssc', 'neo4j+s', 'neo4j+ssc'])(
    'goal: encryption where there is none is told with the setting: %s',
    async (scheme) => {
      expect(await failureOf({ url: server.url.replace('bolt:', `${scheme}:`) })).toMatch(
        /^StoreUnavailableError: Neo4j at \S+ does not answer \(GRAPH_STORE_URL; .* encrypted: bolt:\/\/ is for servers that are not\)/,
      );
    },
  );

  test('goal: another server at the address is told with the setting and what is expected there', async () => {
    const { address, stop } = await listening(createHttpServer((_, response) => response.end('x')));
    const told = await failureOf({ url: `bolt://${address}` });
    stop();
    expect(told).toContain(
      `Neo4j at ${address} does not answer (GRAPH_STORE_URL; Neo4j 5.26 or later is expected there`,
    );
    expect(told).not.toContain('nothing of this change was acknowledged');
  });

  test.each(['bolt+s', 'neo4j+s'])(
    'goal: a certificate of a CA that is not trusted is told with what makes it so: %s',
    async (scheme) => {
      const cwd = mkdtempSync(join(tmpdir(), 'vcos-test-neo4j-'));
      const [key, names] = [['-newkey', 'rsa:2048', '-nodes', '-keyout', 'k'], 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', ...key, '-out', 'c', '-subj', '/CN=x', '-addext', names], {
        cwd,
        stdio: 'pipe',
      });
      const certificate = { key: readFileSync(join(cwd, 'k')), cert: readFileSync(join(cwd, 'c')) };
      rmSync(cwd, { recursive: true });
      const { address, stop } = await listening(createTlsServer(certificate).on('tlsClientError', () => undefined));
      const told = await failureOf({ url: `${scheme}://${address}` });
      stop();
      expect(told).toMatch(/of no CA that is trusted here: NODE_EXTRA_CA_CERTS names the file/);
    },
  );

  test('goal: what keeps a constraint from being made again is told', async () => {
    await ask('DROP CONSTRAINT vcos_unique_Creator_id IF EXISTS');
    await ask("CREATE (:Creator {id: 'twice'}), (:Creator {id: 'twice'})");
    expect(await failureOf({})).toMatch(
      /^StoreUnavailableError: Neo4j at .*vcos_unique_Creator_id[^]*have the label `Creator` and property `id` = 'twice'/,
    );
    await server.empty();
    expect(await failureOf({})).toBe('it was opened');
  });
});
