/** Goal: releases are computed on a thread of their own as they are here, from the same keys, settings and start of the ledger. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { testDirectory } from '../../engines/sqlite/testing.ts';
import { createLogger } from '../../runtime/logger.ts';
import { emptyLedgerHead, ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { topics } from '../../schema/topics.ts';
import { PartitionThread } from '../shared/partition-thread.ts';
import { LocalPartitions } from '../shared/partitions.ts';
import type { Stage } from '../shared/stage.ts';
import { recordOf } from '../shared/testing.ts';
import type { ContributionMessage } from './contribution.ts';
import { verifyLedger } from './domain/ledger/verify.ts';
import { createPrivacyPipelines, releasesOf } from './privacy-pipelines.ts';
import { act, does, tick } from './testing.ts';

const directory = await testDirectory();
const threads: PartitionThread[] = [];
afterAll(async () => {
  for (const thread of threads) await thread.close();
  await directory.remove();
});

const topic = topics.privacyContributions.name;
const acts = [0, 1, 2, 3, 4, 5].map((n) => [
  act(`account-${n}`, n, 'POST'),
  does(`account-${n}`, n, [['trending-tags', `tag-${n}`, 1, null]]),
]);
const messages = [tick(0), ...acts.flat(), tick(12), act('late', 13, 'SPACE'), tick(30), tick(60)];
const recordsOf = (list: readonly ContributionMessage[]) =>
  list.map((message, offset) => recordOf({ topic, offset, value: JSON.stringify(message) }));

describe.each([null, '1/2500'])('with a lifetime of %s', (lifetimeRho) => {
  const ledger = { head: emptyLedgerHead };
  const config = releasesOf({ dataDir: directory.path, lifetimeRho, eventPartitions: 1 }, ledger);
  const handledBoth = async () => {
    if (!config.place) throw new Error('releases run on no thread of their own');
    const thread = new PartitionThread({ place: config.place, changelog: 'changelog' });
    threads.push(thread);
    const here = new LocalPartitions(config, { changelog: 'changelog', nowMs: () => 0 });
    here.begin(0);
    await thread.begin(0);
    const records = recordsOf(messages);
    return [here.handle(0, records), await thread.handle(0, records)] as const;
  };

  test('a thread makes the same bytes: of the keys in the directory, and of what the settings say', async () => {
    const [expected, handled] = await handledBoth();
    expect(handled.outgoing).toEqual(expected.outgoing);
    expect(handled.outcomes).toEqual(expected.outcomes);
    expect(handled.outgoing.some((record) => record.topic === topics.privacyReleases.name)).toBe(true);
    const paid = handled.outgoing.filter(({ key }) => key.startsWith('lifetimes|'));
    expect(paid.length > 0).toBe(lifetimeRho !== null);
  });

  test('a thread is told where the ledger stood when it begins, not when the processor was made', async () => {
    ledger.head = { seq: 7, hash: 'a'.repeat(64) };
    for (const { outcomes } of await handledBoth())
      expect(outcomes).toContainEqual({ outcome: 'drop', reason: 'LEDGER_BROKEN', count: 4 });
  });
});

test.each([false, true])('on a log, with threads: %s, releases go on where they were stopped', async (hasThreads) => {
  const own = await testDirectory();
  const { store, eventLog } = openSqliteEngines({ directory: own.path });
  await eventLog.ensureTopics(Object.values(topics).map((spec) => ({ ...spec, partitions: 1 })));
  const deps = { eventLog, logger: createLogger('silent'), dataDir: own.path, lifetimeRho: null, hasThreads };
  const stages = await createPrivacyPipelines(deps);
  const releases = stages.find(({ name }) => name === 'privacy') as Stage;
  const through = async () => {
    while ((await releases.lag()).some(({ lag }) => lag > 0)) await new Promise((resolve) => setImmediate(resolve));
  };
  const ledgerRows = async () => {
    const records = await eventLog.read({ topic: topics.privacyLedger.name, partition: 0, from: 0, limit: 10_000 });
    return records.map(({ value }) => ledgerRowSchema.parse(JSON.parse(value ?? '')));
  };
  const lengths: number[] = [];
  for (const part of [messages.slice(0, 14), messages.slice(14)]) {
    await eventLog.append(
      part.map((message, n) => ({ topic, key: 'live', id: `${lengths.length}:${n}`, value: JSON.stringify(message) })),
    );
    await releases.start();
    await through();
    await releases.stop();
    const rows = await ledgerRows();
    expect(verifyLedger(rows).kind).toBe('whole');
    lengths.push(rows.length);
  }
  expect(lengths[0]).toBeGreaterThan(0);
  expect(lengths[1]).toBeGreaterThan(lengths[0] ?? 0);
  await eventLog.close();
  await store.close();
  await own.remove();
});
