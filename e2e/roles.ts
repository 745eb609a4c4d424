import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { stageNames } from '../composition/stages.ts';
import { subgraphNames } from '../composition/subgraphs.ts';
import { type BridgeProcess, startBridge } from '../infra/clickhouse-bridge/bridge-process.ts';
import { type TestNeo4j, startTestNeo4j } from '../infra/jvm/neo4j/testing.ts';
import { run } from './platform-process.ts';

/** The platform as one process per role, on Kafka, Neo4j and ClickHouse's protocol. */
export interface Roles {
  /** The gateway's address. */
  readonly url: string;
  /** What a process needs in its environment to be one of them. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

type Running = ReturnType<typeof run>;

/** Starts every role with the keys of a directory, on the servers that `npm run test:engines` has started and an empty bridge to chDB. Empties Neo4j. */
export async function startRoles(dataDir: string, more: Readonly<Record<string, string>> = {}): Promise<Roles> {
  const running: Running[] = [];
  let neo4j: TestNeo4j | null = null;
  let clickhouse: BridgeProcess | null = null;
  const stop = async (): Promise<void> => {
    for (const { child } of running) child.kill('SIGTERM');
    await Promise.all(running.map(({ ended }) => ended));
    await clickhouse?.stop();
    await neo4j?.stop();
  };
  try {
    [neo4j, clickhouse] = await Promise.all([
      startTestNeo4j({ shared: true }),
      startBridge(join(dataDir, 'clickhouse')),
    ]);
    await neo4j.empty();
    const environment = { ...environmentOf({ dataDir, neo4j, clickhouse }), ...more };
    const start = (args: readonly string[]): Running => {
      const role = run('main.ts', args, environment);
      running.push(role);
      return role;
    };
    // The first makes topics, constraints and tables; whatever starts with it waits for the same.
    const [subgraphs, streams] = [
      subgraphNames.map((name) => [name, start(['subgraph', name])] as const),
      stageNames.map((name) => start(['stream', name])),
    ];
    await Promise.all(streams.map((stream) => stream.until(/ runs/)));
    const addresses: string[] = [];
    for (const [name, subgraph] of subgraphs) {
      await subgraph.until(/ at http\S+/);
      addresses.push(`--subgraph=${name}=${/ at (http\S+)/.exec(subgraph.said())?.[1] ?? ''}`);
    }
    const gateway = start(['gateway', ...addresses]);
    await gateway.until(/ at http\S+/);
    const url = / at (http\S+)/.exec(gateway.said())?.[1] ?? '';
    return { url: url.replace(/\/graphql$/, ''), environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf(given: {
  readonly dataDir: string;
  readonly neo4j: TestNeo4j;
  readonly clickhouse: BridgeProcess;
}): Readonly<Record<string, string>> {
  const { dataDir, neo4j, clickhouse } = given;
  const brokers = process.env['EVENT_LOG_BROKERS'];
  if (brokers === undefined) throw new Error('EVENT_LOG_BROKERS is not set: run `npm run test:engines`');
  return {
    DATA_DIR: dataDir,
    EVENT_LOG_BROKERS: brokers,
    EVENT_LOG_PREFIX: `test-${randomUUID()}.`,
    GRAPH_STORE_URL: neo4j.url,
    GRAPH_STORE_USER: neo4j.user,
    GRAPH_STORE_PASSWORD: neo4j.password,
    WAREHOUSE_URL: clickhouse.url,
    WAREHOUSE_USER: clickhouse.user,
    WAREHOUSE_PASSWORD: clickhouse.password,
  };
}
