import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runImport } from '../importer/run-import.ts';
import { importSource } from '../importer/read-import.ts';
import { convertStackExchange } from '../importer/stackexchange.ts';
import { tableContents } from '../infra/table-contents.ts';
import { aborted } from '../runtime/aborted.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { changelogTopic } from '../schema/topics.ts';
import type { CommandLine } from './command-line.ts';
import { type Engines, openEngines } from './engines.ts';
import { keepPlatform } from './keep-platform.ts';
import { startPlatform } from './platform.ts';
import { rebuild } from './rebuild.ts';

// Goal: one command makes the warehouse and every state that can be computed anew from the log, and all of it is as it was; private releases are those
// that were drawn.
const logger = createLogger('silent');
let config: Config;
let before: Readonly<Record<string, readonly unknown[]>>;

const line = (): CommandLine => ({
  config,
  logger,
  args: [],
  until: new Promise(() => undefined),
  signal: new AbortController().signal,
});

async function withEngines<R>(work: (engines: Engines) => Promise<R>): Promise<R> {
  const engines = await openEngines(config, { logger });
  try {
    return await work(engines);
  } finally {
    await engines.close();
  }
}

async function stateOf({ eventLog }: Engines, processor: string): Promise<ReadonlyMap<string, string | null>> {
  const { name: topic } = changelogTopic(processor, 1);
  const records = await eventLog.read({ topic, partition: 0, from: 0, limit: 100_000 });
  return new Map(records.filter(({ value }) => value !== null).map(({ key, value }) => [key, value]));
}

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'vcos-test-rebuild-'));
  config = readConfig({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' });
  const platform = await startPlatform(config, logger);
  const { header, lines } = convertStackExchange(join(import.meta.dirname, '..', 'demo'), 'test.example');
  await runImport({ ...platform.engines, ...platform.dependencies }, importSource(header, lines.slice(0, 120)));
  await platform.drained();
  before = await tableContents(platform.engines.warehouse);
  await platform.stop();
}, 240_000);
afterAll(() => rm(config.dataDir, { recursive: true, force: true }));

test('a warehouse and states that were spoilt are as before', async () => {
  for (const table of [
    'platform.canon_events',
    'platform.reputation_evidence',
    'analytics.releases',
    'analytics.ledger',
  ])
    expect(before[table]?.length).toBeGreaterThan(10);
  const processors = ['canon', 'reputation', 'privacy-contributions', 'privacy', 'canon-sightings'];
  const states = await withEngines(async (engines) => {
    const kept = await Promise.all(processors.map((name) => stateOf(engines, name)));
    const canon = changelogTopic('canon', 1).name;
    const [first, second] = kept[0]?.keys() ?? [];
    // An entry is lost, one is wrong, one is too many.
    await engines.eventLog.append([
      { topic: canon, partition: 0, id: '', key: first ?? '', value: null },
      { topic: canon, partition: 0, id: '', key: second ?? '', value: '"wrong"' },
      { topic: canon, partition: 0, id: '', key: 'seen|surplus', value: '1' },
      { topic: changelogTopic('canon-sightings', 1).name, partition: 0, id: '', key: 'told|surplus', value: '1' },
    ]);
    await engines.warehouse.insert('platform.canon_status', [spoilt], 'spoilt:0:0-0');
    return kept;
  });
  await rebuild(line());
  await withEngines(async (engines) => {
    expect(await tableContents(engines.warehouse)).toEqual(before);
    for (const [at, name] of processors.entries())
      expect([name, await stateOf(engines, name)]).toEqual([name, states[at]]);
  });
}, 240_000);

test('what was rebuilt goes on: the next start finds nothing to do', async () => {
  const platform = await startPlatform(config, logger);
  try {
    await platform.drained();
    expect(await tableContents(platform.engines.warehouse)).toEqual(before);
  } finally {
    await platform.stop();
  }
}, 240_000);

test('a warehouse that has lost rows is made anew from the log before anybody reads it', async () => {
  const store = join(config.dataDir, 'warehouse', 'store');
  const parts = (await readdir(store, { recursive: true })).filter((file) => file.endsWith('.bin'));
  expect(parts.length).toBeGreaterThan(10);
  for (const part of parts) await writeFile(join(store, part), 'noise');
  const platform = await startPlatform(config, logger);
  try {
    expect(await tableContents(platform.engines.warehouse)).toEqual(before);
  } finally {
    await platform.stop();
  }
}, 240_000);

test('a warehouse that loses rows while it is served is made anew at once: the platform stops and starts by itself', async () => {
  const end = new AbortController();
  const seen: Readonly<Record<string, readonly unknown[]>>[] = [];
  await keepPlatform(config, { logger, signal: end.signal }, async (platform, ending) => {
    const { warehouse } = platform.engines;
    if (seen.push(await tableContents(warehouse)) > 1) return end.abort();
    const parts = await warehouse.query<{ path: string }>(
      "SELECT path FROM system.parts WHERE active AND database = 'platform' AND table = 'canon_events'",
    );
    for (const { path } of parts) await writeFile(join(path, 'data.bin'), '');
    await expect(warehouse.query('SELECT * FROM platform.canon_events')).rejects.toThrow('has damaged data');
    await aborted(ending);
  });
  expect(seen).toEqual([before, before]);
}, 240_000);

const spoilt = {
  event_id: 'spoilt',
  seq: 0,
  status: 'PROVISIONAL',
  reason: 'r',
  decider: 'd',
  contradiction: null,
  moved_at: '2024-01-01 00:00:00.000',
} as const;
