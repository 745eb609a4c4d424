import { describe, expect, test } from '@jest/globals';
import { openSqliteFile, type SqliteFile } from '../sqlite/sqlite-file.ts';
import { testDirectory } from '../sqlite/testing.ts';
import { eventLogConformance } from './conformance.ts';
import type { EventLog } from './port.ts';
import { SqliteEventLog } from './sqlite-event-log.ts';

eventLogConformance('SQLite', async () => {
  const directory = await testDirectory();
  const files = new Map<EventLog, SqliteFile>();
  return {
    dropsRepetitions: true,
    revokeMsMax: 300,
    stories: 60,
    open: (revokeMsMax) => {
      const file = openSqliteFile(directory.path);
      const log = new SqliteEventLog(file, { revokeMsMax, onClosed: () => file.close() });
      files.set(log, file);
      return Promise.resolve(log);
    },
    crash: (log) => Promise.resolve(files.get(log)?.abandon()),
    dispose: () => directory.remove(),
  };
});

const dayMs = 86_400_000;

describe('the SQLite log beyond the contract', () => {
  test('goal: offsets are dense, whatever was rolled back or repeated in between', async () => {
    const directory = await testDirectory();
    const file = openSqliteFile(directory.path);
    const log = new SqliteEventLog(file, { onClosed: () => file.close() });
    await log.ensureTopics([{ name: 't', partitions: 1, cleanup: 'keep' }]);
    const append = (id: string, topic = 't') =>
      log.append([
        { topic: 't', key: '', id, value: '' },
        { topic, key: '', id: `${id}+`, value: '' },
      ]);
    await Promise.allSettled([append('a'), append('b', 'nowhere'), append('a'), append('c')]);
    const records = await log.read({ topic: 't', partition: 0, from: 0, limit: 10 });
    expect(records.map(({ offset, id }) => `${offset}${id}`)).toEqual(['0a', '1a+', '2c', '3c+']);
    expect(await log.ends('t')).toEqual([4]);
    await log.close();
    await directory.remove();
  });

  test('goal: a compacted topic holds one record per key, and forgets a deletion after a day', async () => {
    const directory = await testDirectory();
    const file = openSqliteFile(directory.path);
    const log = new SqliteEventLog(file, { onClosed: () => file.close() });
    const specs = [
      { name: 'state', partitions: 1, cleanup: 'compact' },
      { name: 'all', partitions: 1, cleanup: 'keep' },
    ] as const;
    await log.ensureTopics(specs);
    const read = async (topic: string) =>
      (await log.read({ topic, partition: 0, from: 0, limit: 99 })).map(({ key, value }) => `${key}=${value}`);
    for (const { name } of specs) {
      const values = ['a=1', 'b=1', 'a=2', 'b=', 'c=1', 'c=', 'c=2'].map((text) => text.split('=') as [string, string]);
      await log.append(values.map(([key, value]) => ({ topic: name, key, id: '', value: value || null })));
    }
    expect(await read('state')).toEqual(['a=2', 'b=null', 'c=2']);
    await log.ensureTopics(specs);
    expect(await read('state')).toEqual(['a=2', 'b=null', 'c=2']);
    file.writer.connection.db.exec(`UPDATE records SET at = at - ${dayMs + 1}`);
    await log.ensureTopics(specs);
    expect(await read('state')).toEqual(['a=2', 'c=2']);
    expect(await read('all')).toHaveLength(7);
    await log.append([{ topic: 'state', key: 'b', id: '', value: '3' }]);
    expect(await read('state')).toEqual(['a=2', 'c=2', 'b=3']);
    await log.close();
    await directory.remove();
  });
});
