import { describe, expect, test } from '@jest/globals';
import { openSqliteFile, type SqliteFile } from '../sqlite/sqlite-file.ts';
import { testDirectory } from '../sqlite/testing.ts';
import { eventLogConformance } from './conformance.ts';
import type { EventLog, OutgoingRecord } from './port.ts';
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

function openLog(path: string): { file: SqliteFile; log: SqliteEventLog } {
  const file = openSqliteFile(path);
  return { file, log: new SqliteEventLog(file, { onClosed: () => file.close() }) };
}

describe('the SQLite log beyond the contract', () => {
  test('goal: offsets are dense, whatever was rolled back or repeated in between', async () => {
    const directory = await testDirectory();
    const { log } = openLog(directory.path);
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
    const { file, log } = openLog(directory.path);
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

  test('goal: as many new values as there are keys cost as much for each as a few do', async () => {
    const directory = await testDirectory();
    const { log } = openLog(directory.path);
    await log.ensureTopics([{ name: 'state', partitions: 1, cleanup: 'compact' }]);
    const keys = Array.from({ length: 40_000 }, (_, n) => `a state of a processor, number ${(n * 7_919) % 40_000}`);
    const write = async (value: string): Promise<number> => {
      const begun = process.cpuUsage();
      await log.append(keys.map((key) => ({ topic: 'state', key, id: '', value })));
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    // Each found a way through all that its transaction had changed before: more than 20 times what a first value costs.
    const first = await write('first');
    const replaced = [await write('second'), await write('third')];
    expect(Math.min(...replaced) / first).toBeLessThan(7);
    const records = await log.read({ topic: 'state', partition: 0, from: 0, limit: 100_000 });
    expect([records.length, new Set(records.map(({ value }) => value))]).toEqual([40_000, new Set(['third'])]);
    await log.close();
    await directory.remove();
  }, 120_000);

  test('goal: records of a topic that says so expire, and their offsets are not given again', async () => {
    const directory = await testDirectory();
    const { file, log } = openLog(directory.path);
    const specs = [
      { name: 'letters', partitions: 2, cleanup: 'keep', keptDays: 3 },
      { name: 'all', partitions: 1, cleanup: 'keep' },
    ] as const;
    await log.ensureTopics(specs);
    const append = (id: string) =>
      log.append(
        ['letters', 'all'].map((topic) => ({
          topic,
          key: '',
          id,
          value: id,
          ...(topic === 'all' ? {} : { partition: 1 }),
        })),
      );
    const left = async (topic: string, partition: number) =>
      (await log.read({ topic, partition, from: 0, limit: 9 })).map(({ offset, value }) => `${offset}${value}`);
    for (const id of ['a', 'b']) await append(id);
    file.writer.connection.db.exec(`UPDATE records SET at = at - ${3 * dayMs + 1}`);
    for (const id of ['a', 'c']) await append(id);
    await log.ensureTopics(specs);
    expect(await left('letters', 1)).toEqual(['2c']);
    expect(await left('all', 0)).toEqual(['0a', '1b', '2c']);
    expect(await log.ends('letters')).toEqual([0, 3]);
    // What is gone is not known any more.
    expect((await append('a')).map(({ offset, duplicate }) => [offset, duplicate])).toEqual([
      [3, false],
      [0, true],
    ]);
    await log.close();
    await directory.remove();
  });

  test('goal: what is appended together is read as it would be had it come one by one, whether it is still in memory or not', async () => {
    const directory = await testDirectory();
    const open = () => openLog(directory.path);
    const specs = [
      { name: 't', partitions: 2, cleanup: 'keep' },
      { name: 'expiring', partitions: 2, cleanup: 'keep', keptDays: 1 },
      { name: 'state', partitions: 2, cleanup: 'compact' },
    ] as const;
    let { log } = open();
    await log.ensureTopics(specs);
    const expected = new Map(specs.map(({ name }) => [name as string, [[], []] as Partial<OutgoingRecord>[][]]));
    const ids = new Set<string>();
    let n = 0;
    // Sizes on both sides of what makes a block, and of one block.
    for (const size of [1, 7, 8, 9, 1, 2, 620, 3, 40, 40, 1]) {
      for (const { name, cleanup } of specs) {
        const records = Array.from({ length: 2 * size }, (_, at) => ({
          ...{ topic: name, key: `k${n}`, partition: at % 2 },
          // Some come again, within one append and later.
          id: at % 11 === 10 ? `r${n - 9}` : at % 13 === 12 ? '' : `r${(n += 1)}`,
          value:
            cleanup === 'compact' || at % 9 > 0 ? `{"é":"${n}\ud83d\ude00"}` : at % 2 ? null : 'half \udc00 a pair',
        }));
        const results = await log.append(records);
        const places: string[] = [];
        for (const { partition, key, id, value } of records) {
          const known = id !== '' && ids.has(`${name} ${id}`);
          ids.add(`${name} ${id}`);
          const part = expected.get(name)?.[partition] as Partial<OutgoingRecord>[];
          places.push(known ? 'known' : `${partition}:${part.length}`);
          if (known) continue;
          part.push({ key, id, value: value === 'half \udc00 a pair' ? 'half \ufffd a pair' : value });
        }
        expect(
          results.map(({ duplicate, partition, offset }) => (duplicate ? 'known' : `${partition}:${offset}`)),
        ).toEqual(places);
      }
    }
    async function check(): Promise<void> {
      for (const { name, cleanup } of specs) {
        for (const partition of [0, 1]) {
          const all = (expected.get(name)?.[partition] ?? []).map((record, offset) => ({ ...record, offset }));
          const lasting =
            cleanup === 'compact'
              ? [...new Map(all.map((record) => [record.key, record])).values()].sort((a, b) => a.offset - b.offset)
              : all;
          for (const from of [0, 1, 5, 8, 20, 30, 150, 299, 600, 640, all.length - 1, all.length]) {
            const limit = from % 7 === 0 ? 9_999 : 33;
            const read = await log.read({ topic: name, partition, from, limit });
            expect(read.map(({ offset, key, id, value }) => ({ key, id, value, offset }))).toEqual(
              lasting.filter(({ offset }) => offset >= from).slice(0, limit),
            );
          }
        }
      }
    }
    await check();
    await log.close();
    const again = open();
    log = again.log;
    await check();
    // Large blocks are compressed; version 2 of the file had them as text.
    const { db } = again.file.writer.connection;
    const packed = 'SELECT count(*) FROM blocks WHERE packed IS NOT NULL';
    expect(db.prepare(packed).pluck().get()).toBe(2);
    const part = expected.get('t')?.[0] as Partial<OutgoingRecord>[];
    const long = { key: 'long', id: 'long', value: 'ä'.repeat(5_000) };
    const heads = JSON.stringify([long.key, long.id, long.value.length]);
    db.prepare('INSERT INTO blocks (place, at, heads, body) VALUES (?, 0, ?, ?)').run(part.length, heads, long.value);
    db.prepare('UPDATE streams SET next = next + 1 WHERE stream = 0').run();
    part.push(long);
    await check();
    await log.close();
    await directory.remove();
  });

  test('goal: what processors write to a derived topic is read from any place, beside what came one by one, also in a file of version 1', async () => {
    const directory = await testDirectory();
    const open = () => openLog(directory.path);
    const specs = [
      { name: 'in', partitions: 1, cleanup: 'keep' },
      { name: 'out', partitions: 2, cleanup: 'keep', derived: true },
      { name: 'state', partitions: 1, cleanup: 'compact' },
    ] as const;
    let { file, log } = open();
    await log.ensureTopics(specs);
    const out = (n: number, value: string | null) => ({ topic: 'out', key: `k${n}`, id: `r${n}`, value, partition: 1 });
    const single = (n: number) => log.append([out(n, `single ${n}`)]);
    const made = Array.from({ length: 1_203 }, (_, n) => out(n, n % 50 === 7 ? null : `é😀${'x'.repeat(n % 9)}${n}`));
    const state = { topic: 'state', key: 'a', id: '', value: '1' };
    async function process(outputs: readonly OutgoingRecord[]): Promise<void> {
      await log.append([{ topic: 'in', key: '', id: '', value: '' }]);
      const consumer = await log.consume({
        ...{ group: 'g', topics: ['in'], batchMax: 1 },
        onBatch: async () => outputs,
        onError: (error) => expect(error).toBeNull(),
      });
      while ((await log.lag('g', ['in'])).some(({ lag }) => lag > 0))
        await new Promise((resolve) => setImmediate(resolve));
      await consumer.close();
    }
    await single(-1);
    await process([...made, state, { ...out(0, 'of another partition'), partition: 0 }]);
    // Whoever writes one by one is told of a repetition of their own.
    expect([await single(-1), await single(0), await single(0)].map(([place]) => place?.duplicate)).toEqual([
      true,
      false,
      true,
    ]);
    await process([out(2_000, 'ä'.repeat(1_100_000)), out(2_001, ''), { ...state, value: '2' }]);
    const all = [out(-1, 'single -1'), ...made, out(0, 'single 0'), out(2_000, 'ä'.repeat(1_100_000)), out(2_001, '')];
    const expected = all.map(({ key, id, value }, offset) => ({ offset, key, id, value }));
    async function check(): Promise<void> {
      for (const [from, limit] of [
        [0, 9_999],
        [0, 1],
        [1, 500],
        [499, 3],
        [501, 600],
        [1_000, 205],
        [1_203, 2],
        [1_204, 1],
        [1_206, 5],
        [1_207, 5],
      ] as const) {
        const read = await log.read({ topic: 'out', partition: 1, from, limit });
        expect(read.map(({ offset, key, id, value }) => ({ offset, key, id, value }))).toEqual(
          expected.slice(from, from + limit),
        );
      }
      expect(await log.ends('out')).toEqual([1, 1_207]);
      expect(await log.read({ topic: 'state', partition: 0, from: 0, limit: 9 })).toMatchObject([
        { offset: 1, value: '2' },
      ]);
    }
    await check();
    // As version 1 had it.
    file.writer.connection.db.exec(`
      CREATE TABLE newest_ (stream INTEGER, key TEXT, place INTEGER NOT NULL, PRIMARY KEY (stream, key)) STRICT, WITHOUT ROWID;
      INSERT INTO newest_ SELECT compacted, key, place FROM records WHERE compacted IS NOT NULL;
      DROP INDEX newest; ALTER TABLE records DROP COLUMN compacted; ALTER TABLE newest_ RENAME TO newest;
      CREATE TABLE kept AS SELECT * FROM blocks; DROP TABLE blocks; PRAGMA user_version = 1`);
    await log.close();
    ({ file, log } = open());
    file.writer.connection.db.exec('INSERT INTO blocks SELECT * FROM kept; DROP TABLE kept');
    await check();
    await log.append([{ ...state, value: '3' }]);
    expect(await log.read({ topic: 'state', partition: 0, from: 0, limit: 9 })).toMatchObject([
      { offset: 2, value: '3' },
    ]);
    await log.close();
    await directory.remove();
  });
});
