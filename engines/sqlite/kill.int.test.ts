import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { openSqliteEngines } from './open-engines.ts';
import { testDirectory } from './testing.ts';

/** Eight writers at a time: each transaction makes a post and its event; its id is printed once it is acknowledged. */
function writer(directory: string, run: number): string {
  return `
    import { writeSync } from 'node:fs';
    import { openSqliteEngines } from './open-engines.ts';
    const { store, eventLog } = openSqliteEngines({ directory: ${JSON.stringify(directory)} });
    await eventLog.ensureTopics([{ name: 'news', partitions: 2, cleanup: 'keep' }, { name: 'copies', partitions: 1, cleanup: 'keep' }]);
    const onBatch = async ({ records }) => records.map(({ key, id }) => ({ topic: 'copies', key, id: '', value: id }));
    await eventLog.consume({ group: 'copier', topics: ['news'], batchMax: 7, onBatch, onError: console.error });
    await Promise.all(Array.from({ length: 8 }, async (_, caller) => {
      for (let n = 0; ; n++) {
        const id = ['p', ${run}, caller, n].join('-');
        await store.transact(async (tx) => {
          await tx.put({ type: 'Post', id, props: { spaceId: 's', authorId: 'a', body: 'b'.repeat(n % 3000), inReplyTo: '', postedAt: id } });
          await tx.append([{ topic: 'news', key: id, id, value: '{}' }]);
        });
        writeSync(1, id + '\\n');
      }
    }));`;
}

async function runUntilKilled(directory: string, run: number, acknowledged: Set<string>): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', writer(directory, run)], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const before = acknowledged.size;
  for await (const id of createInterface(child.stdout)) {
    acknowledged.add(id);
    if (acknowledged.size === before + 100 + run * 37) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
}

test('goal: killed at any instant, every acknowledged write and its event are there once, none is there by half, and copies are exact', async () => {
  const directory = await testDirectory();
  const acknowledged = new Set<string>();
  for (const run of [0, 1, 2]) await runUntilKilled(directory.path, run, acknowledged);
  const { store, eventLog } = openSqliteEngines({ directory: directory.path });
  const read = async (topic: string, partition: number) =>
    eventLog.read({ topic, partition, from: 0, limit: 1_000_000 });
  const events = [...(await read('news', 0)), ...(await read('news', 1))].map(({ id }) => id);
  expect(new Set(events).size).toBe(events.length);
  expect([...acknowledged].filter((id) => !events.includes(id))).toEqual([]);
  const posts = await store.get('Post', events);
  expect(posts.every((node) => node?.version === 1)).toBe(true);
  expect(await store.count('Post')).toBe(events.length);
  expect(await store.count('Post', { spaceId: 's' })).toBe(events.length);
  const copied = Promise.withResolvers<undefined>();
  const consumer = await eventLog.consume({
    group: 'copier',
    topics: ['news'],
    batchMax: 1_000,
    onBatch: ({ records }) =>
      Promise.resolve(records.map(({ key, id }) => ({ topic: 'copies', key, id: '', value: id }))),
    onError: copied.reject,
  });
  const wait = async (): Promise<void> => {
    while ((await eventLog.lag('copier', ['news'])).some(({ lag }) => lag > 0)) await new Promise(setImmediate);
  };
  await Promise.race([wait(), copied.promise]);
  await consumer.close();
  expect((await read('copies', 0)).map(({ value }) => value).sort()).toEqual(events.toSorted());
  await store.close();
  await eventLog.close();
  await directory.remove();
}, 60_000);
