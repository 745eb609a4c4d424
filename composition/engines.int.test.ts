import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startBridge } from '../infra/clickhouse-bridge/bridge-process.ts';
import type { Warehouse } from '../engines/warehouse/port.ts';
import { freePort } from '../infra/jvm/jvm-process.ts';
import { oldClickHouse, oldKafka, oldNeo4j } from '../infra/old-servers.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { openEngines } from './engines.ts';
import { createStageRegistry } from './stage-metrics.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-engines-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const logger = createLogger('silent');

async function configOf(variables: Record<string, string>): Promise<Config> {
  return readConfig({ DATA_DIR: join(root, 'data'), PORT: String(await freePort()), ...variables });
}

/** What the process says of itself, as soon as it says what is missing. */
async function readiness({ server }: Config): Promise<{ status: number; missing: string }> {
  for (let tries = 0; tries < 400; tries++) {
    const answer = await fetch(`http://${server.host}:${server.port}/health/ready`).catch(() => null);
    const body = (await answer?.json()) as { checks: { engines: string } } | undefined;
    if (answer && body && body.checks.engines !== '') return { status: answer.status, missing: body.checks.engines };
    await sleep(50);
  }
  throw new Error('nobody answers at the port');
}

/** The figure of inserts that came twice, before and after one does. */
async function tellsDuplicates(warehouse: Warehouse): Promise<void> {
  const registry = createStageRegistry();
  registry.watchWarehouse(warehouse);
  const told = async (): Promise<number> =>
    Number(/^vcos_warehouse_duplicate_blocks (\d+)$/m.exec(await registry.text())?.[1]);
  expect(await told()).toBe(0);
  const moved = {
    event_id: 'twice',
    seq: 0,
    status: 'PROVISIONAL',
    reason: 'r',
    decider: 'd',
    contradiction: null,
  } as const;
  const rows = [{ ...moved, moved_at: '2024-01-01 00:00:00.000' }];
  for (let n = 0; n < 2; n++) await warehouse.insert('platform.canon_status', rows, 'twice:0:0-0');
  expect(await told()).toBeGreaterThan(0);
}

describe('engines on servers', () => {
  test('goal: a server that is absent at the start is waited for, and what is missing is told until it comes', async () => {
    const port = await freePort();
    const config = await configOf({ WAREHOUSE_URL: `http://vcos:test-password@127.0.0.1:${port}` });
    const opening = openEngines(config, { logger });
    expect(await readiness(config)).toMatchObject({
      status: 503,
      missing: expect.stringContaining(`127.0.0.1:${port}`),
    });
    const bridge = await startBridge(join(root, 'warehouse'), port);
    const engines = await opening;
    await engines.warehouse.ping();
    expect(engines.outbox).toBeNull();
    await tellsDuplicates(engines.warehouse);
    await engines.close();
    await bridge.stop();
  });

  test.each([
    ['ClickHouse', () => oldClickHouse('24.8.1.2684'), /is ClickHouse 24\.8\.1\.2684: 25\.1 or later is needed/],
    ['Neo4j', () => oldNeo4j('Neo4j/5.12.0'), /is Neo4j\/5\.12\.0: Neo4j 5\.26 or later is needed/],
    ['Kafka', () => oldKafka(), /4\.0 or later is expected there/],
  ])(
    'goal: a server that is too old is named with its address and what is needed, and asked again: %s',
    async (name, start, expected) => {
      const old = await start();
      const stop = new AbortController();
      const config = await configOf(
        {
          ClickHouse: { WAREHOUSE_URL: `http://vcos:x@${old.address}` },
          Neo4j: { GRAPH_STORE_URL: `bolt://neo4j:x@${old.address}` },
          Kafka: { EVENT_LOG_BROKERS: old.address },
        }[name] as Record<string, string>,
      );
      const opening = openEngines(config, { logger, signal: stop.signal });
      const outcome = opening.catch((error: unknown) => error);
      const { status, missing } = await readiness(config);
      expect([status, missing]).toEqual([503, expect.stringMatching(expected)]);
      expect(missing).toContain(old.address);
      stop.abort();
      expect(await outcome).toMatchObject({ message: expect.stringMatching(expected) });
      await old.stop();
    },
  );

  test.each(['EVENT_LOG_BROKERS', 'GRAPH_STORE_URL', 'WAREHOUSE_URL'])(
    'goal: a server that takes connections and says nothing is told of while it is waited for: %s',
    async (variable) => {
      const sockets = new Set<Socket>();
      const mute = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(
        0,
        '127.0.0.1',
      );
      await once(mute, 'listening');
      const address = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
      const scheme = { EVENT_LOG_BROKERS: '', GRAPH_STORE_URL: 'bolt://neo4j:x@', WAREHOUSE_URL: 'http://vcos:x@' }[
        variable
      ];
      const stop = new AbortController();
      const config = await configOf({ [variable]: `${scheme}${address}` });
      const outcome = openEngines(config, { logger, signal: stop.signal }).catch((error: unknown) => error);
      const { status, missing } = await readiness(config);
      expect([status, missing]).toEqual([
        503,
        expect.stringMatching(/ at 127\.0\.0\.1:\d+ \(\w+\) has not answered yet$/),
      ]);
      expect(missing).toContain(`${address} (${variable})`);
      // Whoever ends the wait does not wait for the attempt that is under way: it would take minutes.
      stop.abort();
      expect(await outcome).toBe(stop.signal.reason);
      mute.close();
      for (const socket of sockets) socket.destroy();
    },
  );

  test('goal: the wait ends when the process is asked to end', async () => {
    const stop = new AbortController();
    const config = await configOf({ GRAPH_STORE_URL: 'bolt://neo4j:x@127.0.0.1:9' });
    const opening = openEngines(config, { logger, signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    await expect(opening).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: expect.stringContaining('Neo4j at 127.0.0.1:9 does not answer'),
    });
  });

  test.each([
    ['GRAPH_STORE_URL', 'http://neo4j:secret@host'],
    ['GRAPH_STORE_URL', 'neo4j'],
    ['WAREHOUSE_URL', 'bolt://vcos:secret@host'],
  ])('goal: an address that cannot be one is refused without repeating it: %s', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`${name}: must be an address`));
    expect(() => readConfig({ [name]: value })).not.toThrow(/secret/);
  });

  test.each([
    ['GRAPH_STORE_URL', 'bolt://neo4j:secret@host:7687/mydb', 'nothing that stands behind them is used'],
    ['WAREHOUSE_URL', 'https://vcos:secret@host/clickhouse', 'nothing that stands behind them is used'],
    ['WAREHOUSE_URL', 'http://vcos:secret/x@host:8123', 'characters such as / and # are percent-encoded'],
    ['WAREHOUSE_URL', 'http://vcos:secret%@host:8123', 'write it %25'],
    ['EVENT_LOG_BROKERS', 'host:92000', 'must be host:port'],
  ])('goal: an address of which a part would be lost, or cannot be read, is refused: %s %s', (name, value, said) => {
    expect(() => readConfig({ [name]: value })).toThrow(said);
    expect(() => readConfig({ [name]: value })).not.toThrow(/secret/);
  });

  test('goal: a login of its own goes before the one in the address', () => {
    const config = readConfig({ GRAPH_STORE_URL: 'neo4j+s://a:p%40ss@host:7', GRAPH_STORE_USER: 'b' });
    expect(config.graphStore).toEqual({ url: 'neo4j+s://host:7', user: 'b', password: 'p@ss', database: 'neo4j' });
  });
});
