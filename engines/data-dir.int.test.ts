import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { DataDirError, DataDirInUseError, lockDataDir } from './data-dir.ts';
import { testDirectory } from './sqlite/testing.ts';

let directory: Awaited<ReturnType<typeof testDirectory>>;
beforeAll(async () => {
  directory = await testDirectory();
});
afterAll(() => directory.remove());

function refusal(dataDir: string): unknown {
  try {
    lockDataDir(dataDir).release();
    return null;
  } catch (error) {
    return error;
  }
}

describe('the lock on DATA_DIR', () => {
  test('what is kept in a directory that was there before, for everybody to enter, is not for everybody to read', () => {
    const dataDir = join(directory.path, 'open');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o755);
    const umask = process.umask(0o022);
    const lock = lockDataDir(dataDir);
    const database = new Database(join(dataDir, 'vcos.sqlite'));
    try {
      database.pragma('journal_mode = WAL');
      database.exec('CREATE TABLE t (x)');
      const files = readdirSync(dataDir);
      expect(files).toContain('vcos.sqlite-wal');
      expect(files.filter((file) => (statSync(join(dataDir, file)).mode & 0o077) !== 0)).toEqual([]);
    } finally {
      database.close();
      lock.release();
      process.umask(umask);
    }
  });

  test('goal: one holder at a time; the second is told who, where and what to do', () => {
    const dataDir = join(directory.path, 'made', 'on', 'demand');
    const lock = lockDataDir(dataDir, 4321);
    const error = refusal(dataDir) as DataDirInUseError;
    expect(error).toBeInstanceOf(DataDirInUseError);
    expect(error.name).toBe('DataDirError');
    expect(error.pid).toBe(process.pid);
    expect(error.message).toContain(`${dataDir} is in use by process ${process.pid} (port 4321)`);
    expect(error.message).toContain('DATA_DIR');
    lock.release();
    lock.release();
    expect(existsSync(join(dataDir, 'lock.json'))).toBe(false);
    expect(refusal(dataDir)).toBeNull();
  });

  test('goal: who drops the handle holds on all the same; a killed holder holds nothing', async () => {
    const dataDir = join(directory.path, 'killed');
    const source = `import { lockDataDir } from './data-dir.ts'; lockDataDir(${JSON.stringify(dataDir)}); setInterval(() => {}, 1e6); setImmediate(() => { gc(); console.log('held'); });`;
    const holder = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', source], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exit = once(holder, 'exit');
    try {
      await once(holder.stdout, 'data');
      expect(refusal(dataDir)).toMatchObject({ pid: holder.pid });
    } finally {
      holder.kill('SIGKILL');
      await exit;
    }
    expect(refusal(dataDir)).toBeNull();
  });

  test('goal: what cannot be a data directory is named, with what it must be', async () => {
    const file = join(directory.path, 'file');
    await writeFile(file, 'mine');
    for (const path of [file, join(file, 'below'), '/dev/null/data']) {
      const error = refusal(path) as DataDirError;
      expect(error).toBeInstanceOf(DataDirError);
      expect(error.message).toContain(`DATA_DIR ${path} cannot be used`);
      expect(error.message).toContain('must be a directory that this user may write to');
    }
  });
});
