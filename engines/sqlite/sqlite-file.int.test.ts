import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataDirError } from '../data-dir.ts';
import { LogUnavailableError } from '../event-log/port.ts';
import { SqliteEventLog } from '../event-log/sqlite-event-log.ts';
import { creator, since } from '../graph-store/conformance/subject.ts';
import { StoreUnavailableError } from '../graph-store/port.ts';
import { SqliteGraphStore } from '../graph-store/sqlite-graph-store.ts';
import { openSqliteEngines } from './open-engines.ts';
import { DATA_FILE, openSqliteFile } from './sqlite-file.ts';
import { testDirectory } from './testing.ts';

let directory: Awaited<ReturnType<typeof testDirectory>>;
let path: string;
beforeEach(async () => {
  directory = await testDirectory();
  path = join(directory.path, DATA_FILE);
});
afterEach(() => directory.remove());

const news = { name: 'news', partitions: 1, cleanup: 'keep' } as const;

/** A file with a hundred creators and an event of each. */
async function fill(): Promise<void> {
  const { store, eventLog } = openSqliteEngines({ directory: directory.path });
  await eventLog.ensureTopics([news]);
  await store.transact(async (tx) => {
    for (let n = 0; n < 100; n++) {
      await tx.put({ type: 'Creator', id: `c${n}`, props: creator(`c${n}`, { skills: ['x'] }) });
      await tx.append([{ topic: 'news', key: `c${n}`, id: `e${n}`, value: 'v'.repeat(500) }]);
    }
    await tx.link({ type: 'FOLLOWS', from: 'c1', to: 'c2', props: { since: since(0) } });
  });
  await store.close();
  await eventLog.close();
}

function refusal(): unknown {
  try {
    openSqliteFile(directory.path).abandon();
    return null;
  } catch (error) {
    return error;
  }
}

describe('a data file that cannot be used', () => {
  test.each([
    ['is no database', () => Buffer.from('these are my notes, not a database'.repeat(50))],
    ['has a damaged page', (file: Buffer) => file.fill(0xff, 8_192, 16_384)],
    ['has lost its end', (file: Buffer) => file.subarray(0, 20_000)],
  ])('goal: a file that %s is named, left as it is, with what to do', async (_name, damage) => {
    await fill();
    const damaged = damage(await readFile(path));
    await writeFile(path, damaged);
    const error = refusal() as DataDirError;
    expect(error).toBeInstanceOf(DataDirError);
    expect(error.message).toContain(`${path} is damaged`);
    expect(error.message).toMatch(/restore it from a backup, or move it away/);
    expect((await readFile(path)).toString('hex')).toBe(damaged.toString('hex'));
  });

  test('goal: a file of a newer program is refused, not downgraded', async () => {
    await fill();
    const file = openSqliteFile(directory.path);
    file.writer.connection.db.pragma('user_version = 999');
    await file.close();
    expect(refusal()).toMatchObject({ name: 'DataDirError', message: expect.stringMatching(/version 999/) });
  });

  test.each([
    ['DROP TABLE blocks', 'says 3, but it lacks table blocks.at'],
    ['DROP INDEX newest', 'says 3, but it lacks index newest'],
    ['ALTER TABLE blocks DROP COLUMN packed', 'says 3, but it lacks table blocks.packed'],
    ['PRAGMA user_version = 0', 'says 0, which it is not: table meta already exists'],
    ['PRAGMA user_version = 2', 'says 2, which it is not: duplicate column name: packed'],
  ])('goal: a file that is not what its schema version says is refused with what it lacks: %s', async (sql, told) => {
    await fill();
    const file = openSqliteFile(directory.path);
    file.writer.connection.db.exec(sql);
    await file.close();
    const error = refusal() as Error;
    expect(error).toBeInstanceOf(DataDirError);
    expect(error.message).toContain(`${path} is damaged (its schema version ${told}`);
    expect(error.message).toMatch(/restore it from a backup/);
  });

  test('goal: what somebody else made in the file is no reason to refuse it', async () => {
    await fill();
    const file = openSqliteFile(directory.path);
    file.writer.connection.db.exec('CREATE TABLE mine (a); ANALYZE');
    await file.close();
    expect(refusal()).toBeNull();
  });

  test('goal: a copied file is a backup', async () => {
    await fill();
    const backup = await testDirectory();
    await copyFile(path, join(backup.path, DATA_FILE));
    const { store, eventLog } = openSqliteEngines({ directory: backup.path });
    expect(await store.count('Creator')).toBe(100);
    expect(await eventLog.ends('news')).toEqual([100]);
    await store.close();
    await eventLog.close();
    await backup.remove();
  });
});

describe('a full disk', () => {
  test('goal: it is told as such, takes nothing half, and is over when there is room again', async () => {
    await fill();
    const file = openSqliteFile(directory.path);
    const store = new SqliteGraphStore(file);
    const eventLog = new SqliteEventLog(file);
    const { db } = file.writer.connection;
    const pages = db.pragma('page_count', { simple: true }) as number;
    // SQLite reports the limit of the file's size as it does a full disk.
    db.pragma(`max_page_count = ${pages + 10}`);
    const write = (id: string): Promise<unknown> =>
      store.transact(async (tx) => {
        await tx.put({ type: 'Creator', id, props: creator(id, { bio: 'b'.repeat(5_000) }) });
        await tx.append([{ topic: 'news', key: id, id, value: 'v'.repeat(5_000) }]);
      });
    const ids = Array.from({ length: 30 }, (_, n) => `late-${n}`);
    const outcomes = await Promise.allSettled(ids.map(write));
    const kept = ids.filter((_, n) => outcomes[n]?.status === 'fulfilled');
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error.message).toContain(`the disk of DATA_DIR (${directory.path}) is full: free some space`);
    }
    const big = eventLog.append([{ topic: 'news', key: '', id: 'big', value: 'v'.repeat(100_000) }]);
    await expect(big).rejects.toThrow(LogUnavailableError);
    const stored = async (): Promise<string[]> =>
      (await eventLog.read({ topic: 'news', partition: 0, from: 100, limit: 100 })).map(({ id }) => id);
    expect(await stored()).toEqual(kept);
    expect(await store.count('Creator')).toBe(100 + kept.length);
    db.pragma('max_page_count = 1000000');
    await write('after');
    expect(await stored()).toEqual([...kept, 'after']);
    await file.close();
  });

  test('goal: an error that a transaction swallows spoils it all the same', async () => {
    await fill();
    const file = openSqliteFile(directory.path);
    const store = new SqliteGraphStore(file);
    const { db } = file.writer.connection;
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 2}`);
    const stubborn = store.transact(async (tx) => {
      const bio = 'b'.repeat(20_000);
      for (let n = 0; n < 5; n++) {
        await tx.put({ type: 'Creator', id: `s${n}`, props: creator(`s${n}`, { bio }) }).catch(() => undefined);
      }
    });
    await expect(stubborn).rejects.toThrow(StoreUnavailableError);
    expect(await store.count('Creator')).toBe(100);
    await file.close();
  });
});

describe('the writer', () => {
  test('goal: a transaction that waits for something else is given up; the others go on', async () => {
    const file = openSqliteFile(directory.path, { jobMsMax: 50 });
    const store = new SqliteGraphStore(file);
    const never = Promise.withResolvers<undefined>();
    const put = (id: string) => store.transact((tx) => tx.put({ type: 'Creator', id, props: creator(id) }));
    const stuck = store.transact(async (tx) => {
      await tx.put({ type: 'Creator', id: 'stuck', props: creator('stuck') });
      await never.promise;
      await tx.put({ type: 'Creator', id: 'late', props: creator('late') });
    });
    const beside = [put('a'), put('b')];
    await expect(stuck).rejects.toThrow(/longer than 50 ms.*must not wait/);
    never.resolve(undefined);
    expect(await Promise.all(beside)).toEqual([1, 1]);
    expect((await store.get('Creator', ['stuck', 'late', 'a'])).map((node) => node?.id ?? null)).toEqual([
      null,
      null,
      'a',
    ]);
    await file.close();
  });

  test('goal: what is deleted leaves no trace in the file', async () => {
    const secret = 'wrapped-key-of-somebody-who-left';
    const props = { subject: 's', keyId: 'k', wrapped: secret, createdAt: since(0) };
    const first = openSqliteEngines({ directory: directory.path });
    await first.store.transact((tx) => tx.put({ type: 'SubjectKey', id: 's', props }));
    await first.store.close();
    await first.eventLog.close();
    expect((await readFile(path)).includes(secret)).toBe(true);
    const second = openSqliteEngines({ directory: directory.path });
    await second.store.transact((tx) => tx.remove('SubjectKey', 's'));
    await second.store.close();
    await second.eventLog.close();
    expect((await readFile(path)).includes(secret)).toBe(false);
  });
});

describe('the catalogue’s lists', () => {
  test('goal: a file made under another catalogue is listed anew when it opens', async () => {
    await fill();
    const file = openSqliteFile(directory.path);
    file.writer.connection.db.exec(`
      DELETE FROM node_lists; DELETE FROM node_unique; DELETE FROM edge_lists;
      UPDATE meta SET value = 'an older catalogue' WHERE name = 'lists'`);
    await file.close();
    const { store, eventLog } = openSqliteEngines({ directory: directory.path });
    expect(await store.count('Creator', { skills: 'x' })).toBe(100);
    expect((await store.findUnique('Creator', 'usernameKey', ['c7']))[0]?.id).toBe('c7');
    const [page] = await store.neighbours({
      edge: 'FOLLOWS',
      direction: 'in',
      ids: ['c2'],
      orderBy: 'since',
      order: 'asc',
      limit: 9,
    });
    expect(page?.items.map(({ id }) => id)).toEqual(['c1']);
    await store.close();
    await eventLog.close();
  });
});
