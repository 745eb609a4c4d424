import { afterAll, expect, test } from '@jest/globals';
import { openSqliteEngines } from '../engines/sqlite/open-engines.ts';
import { testDirectory } from '../engines/sqlite/testing.ts';
import type { Warehouse } from '../engines/warehouse/port.ts';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { compare, parseRational } from '../schema/metrics/rational.ts';
import { changelogTopic, topics } from '../schema/topics.ts';
import { act, tick } from '../streams/privacy/testing.ts';
import type { Stage } from '../streams/shared/stage.ts';
import { createStages } from './stages.ts';

const directories: Awaited<ReturnType<typeof testDirectory>>[] = [];
afterAll(() => Promise.all(directories.map((directory) => directory.remove())));

/** What accounts have paid out of their lifetimes after three days of work each, by the platform's own processor of releases. */
async function paid(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const directory = await testDirectory();
  directories.push(directory);
  const { store, eventLog } = openSqliteEngines({ directory: directory.path });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  // Only sinks ask the warehouse, and none is started.
  const engines = { store, eventLog, outbox: null, warehouse: {} as Warehouse, close: () => Promise.resolve() };
  const config = readConfig({ DATA_DIR: directory.path, ...env });
  const stages = await createStages(config, { engines, logger: createLogger('silent'), only: 'privacy' });
  const releases = stages.find(({ name }) => name === 'privacy') as Stage;
  const messages = [0, 24, 48].flatMap((hour) => [tick(hour), act('ann', hour + 1, 'POST'), act('bob', hour, 'SPACE')]);
  await eventLog.append(
    [...messages, tick(72)].map((message, n) => ({
      ...{ topic: topics.privacyContributions.name, key: 'live', id: String(n) },
      value: JSON.stringify(message),
    })),
  );
  await releases.start();
  while ((await releases.lag()).some(({ lag }) => lag > 0)) await new Promise((resolve) => setImmediate(resolve));
  await releases.stop();
  const changelog = changelogTopic('privacy', 1).name;
  const entries = await eventLog.read({ topic: changelog, partition: 0, from: 0, limit: 10_000 });
  await eventLog.close();
  await store.close();
  return entries.flatMap(({ key, value }) =>
    key.startsWith('lifetimes|') && value !== null ? [JSON.parse(value) as string] : [],
  );
}

test.each(['true', 'false'])(
  'goal: PRIVACY_LIFETIME_RHO limits what an account pays in its lifetime, with STREAM_THREADS=%s',
  async (STREAM_THREADS) => {
    const limit = '0.002';
    const lifetimes = await paid({ STREAM_THREADS, PRIVACY_LIFETIME_RHO: limit });
    expect(lifetimes).toHaveLength(2);
    for (const spent of lifetimes) expect(compare(parseRational(spent), parseRational(limit))).toBeLessThanOrEqual(0);
    const [more] = await paid({ STREAM_THREADS, PRIVACY_LIFETIME_RHO: '0.206' });
    expect(compare(parseRational(more ?? '0'), parseRational(limit))).toBe(1);
    expect(await paid({ STREAM_THREADS })).toEqual([]);
  },
);
