import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startBridge } from '../infra/clickhouse-bridge/bridge-process.ts';
import { freePort } from '../infra/jvm/jvm-process.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { openEngines } from './engines.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-engines-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const logger = createLogger('silent');

async function configOf(variables: Record<string, string>): Promise<Config> {
  return readConfig({ DATA_DIR: join(root, 'data'), PORT: String(await freePort()), ...variables });
}

/** What the process says of itself, as soon as it says anything. */
async function readiness({ server }: Config): Promise<unknown> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`http://${server.host}:${server.port}/health/ready`).catch(() => null);
    if (answer !== null) return { status: answer.status, body: (await answer.json()) as unknown };
    await sleep(50);
  }
  throw new Error('nobody answers at the port');
}

describe('engines on servers', () => {
  test('goal: a server that is absent at the start is waited for, and what is missing is told until it comes', async () => {
    const port = await freePort();
    const config = await configOf({ WAREHOUSE_URL: `http://vcos:test-password@127.0.0.1:${port}` });
    const opening = openEngines(config, { logger });
    expect(await readiness(config)).toMatchObject({
      status: 503,
      body: { checks: { engines: expect.stringContaining(`127.0.0.1:${port}`) } },
    });
    const bridge = await startBridge(join(root, 'warehouse'), port);
    const engines = await opening;
    await engines.warehouse.ping();
    expect(engines.outbox).toBeNull();
    await engines.close();
    await bridge.stop();
  });

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

  test('goal: a login of its own goes before the one in the address', () => {
    const config = readConfig({ GRAPH_STORE_URL: 'neo4j+s://a:p%40ss@host:7', GRAPH_STORE_USER: 'b' });
    expect(config.graphStore).toEqual({ url: 'neo4j+s://host:7', user: 'b', password: 'p@ss', database: 'neo4j' });
  });
});
