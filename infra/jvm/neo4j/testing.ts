import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import neo4j from 'neo4j-driver';
import { endsWithThisProcess, stopProcess } from '../jvm-process.ts';
import { neo4jServer } from './neo4j-server.ts';

/** A server for tests. */
export interface TestNeo4j {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Its process; null where somebody else has started it. */
  readonly pid: number | null;
  /** Removes every node. The next who opens it finds constraints and indexes, which take longer to make than most tests. */
  empty(): Promise<void>;
  /** Removes every node, constraint and index. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The server that `npm run test:engines` has started for its tests, whose files run one after the other and empty it; elsewhere, or where it is not to be `shared`, starts an empty server in a directory that goes away with it. With NEO4J_TEST_URL (`bolt://user:password@host:port`) it uses that one
 * instead, and everything in it is lost.
 */
export async function startTestNeo4j(options: { shared: boolean } = { shared: false }): Promise<TestNeo4j> {
  const shared = options.shared && process.env['VCOS_TEST_ENGINES'] === 'true';
  const given = process.env['NEO4J_TEST_URL'] ?? (shared ? process.env['GRAPH_STORE_URL'] : undefined);
  if (given !== undefined) return testNeo4jAt(given, () => Promise.resolve());
  const root = await mkdtemp(join(tmpdir(), 'vcos-test-neo4j-'));
  const directory = join(root, 'neo4j');
  await mkdir(directory);
  const { pid, environment } = await neo4jServer.start({ directory, port: 0, say: () => undefined });
  endsWithThisProcess(pid);
  const server = testNeo4jAt(environment['GRAPH_STORE_URL'] ?? '', async () => {
    await stopProcess(pid);
    await rm(root, { recursive: true, force: true });
  });
  return { ...server, pid };
}

/** A server at `bolt://user:password@host:port`; everything in it may be lost. */
export function testNeo4jAt(address: string, stop: () => Promise<void>): TestNeo4j {
  const { username: user, password, host, protocol } = new URL(address);
  const server = { url: `${protocol}//${host}`, user, password, database: 'neo4j' };
  return {
    ...server,
    pid: null,
    empty: () => remove(server, []),
    wipe: () => remove(server, ['CONSTRAINT', 'INDEX']),
    stop,
  };
}

type Place = Pick<TestNeo4j, 'url' | 'user' | 'password' | 'database'>;

/** Removes every node, and what there is of the schema's kinds. */
async function remove(
  { url, user, password, database }: Place,
  kinds: readonly ('CONSTRAINT' | 'INDEX')[],
): Promise<void> {
  const driver = neo4j.driver(url, neo4j.auth.basic(user, password));
  const session = driver.session({ database });
  try {
    await session.run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS');
    for (const kind of kinds) {
      const found = await session.run(`SHOW ${kind === 'INDEX' ? 'INDEXES' : 'CONSTRAINTS'} YIELD name, type RETURN *`);
      for (const record of found.records) {
        if (record.get('type') !== 'LOOKUP')
          await session.run(`DROP ${kind} \`${String(record.get('name'))}\` IF EXISTS`);
      }
    }
  } finally {
    await session.close();
    await driver.close();
  }
}
