import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { makeDirectory } from '../runtime/make-directory.ts';

/** `DATA_DIR` cannot be used as it is. The message is for whoever started the process: it says what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/** Another process works on this directory. */
export class DataDirInUseError extends DataDirError {
  /** Of the process that holds the directory; null when it did not get to write it down. */
  readonly pid: number | null;
  constructor(directory: string, holder: { pid: number; port: number | null } | null) {
    const who = holder ? `process ${holder.pid}${holder.port ? ` (port ${holder.port})` : ''}` : 'another process';
    super(
      `${directory} is in use by ${who}. Two processes cannot share one data directory: use the one that runs, stop it, or set DATA_DIR to another directory (and PORT to another port).`,
    );
    this.pid = holder?.pid ?? null;
  }
}

/** Where `npm run restore` makes a backup ready, and what is left where it was killed. */
export const restoreDraft = (dataDir: string): string => join(dataDir, 'restoring');

/** A database that nobody refers to is closed by the garbage collector, and its lock is gone: what is held stays here until it is released. */
const held = new Set<Database.Database>();

export interface DataDirLock {
  release(): void;
}

/**
 * Claims a directory (made when absent) for this process until `release` or its death: the kernel drops a dead process's file locks, however it
 * died. `port` is told to whoever comes second. What this process makes from then on is for its own user only, also in a directory that others may enter. Throws {@link DataDirInUseError} or {@link DataDirError}.
 */
export function lockDataDir(dataDir: string, port: number | null = null): DataDirLock {
  const directory = resolve(dataDir);
  const holderFile = join(directory, 'lock.json');
  try {
    makeDirectory(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
  process.umask(0o077);
  const lock = claim(directory, holderFile);
  try {
    writeFileSync(holderFile, JSON.stringify({ pid: process.pid, port }));
  } catch (error) {
    lock.close();
    throw unusable(directory, error);
  }
  held.add(lock);
  return {
    release() {
      if (!held.delete(lock)) return;
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

/** SQLite's own lock on an empty database: the same kernel locks on every platform, without a native module more. */
function claim(directory: string, holderFile: string): Database.Database {
  let lock: Database.Database | undefined;
  try {
    lock = new Database(join(directory, 'lock.sqlite'), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') {
      throw new DataDirInUseError(directory, readHolder(holderFile));
    }
    throw unusable(directory, error);
  }
}

function readHolder(file: string): { pid: number; port: number | null } | null {
  try {
    const { pid, port } = JSON.parse(readFileSync(file, 'utf8')) as { pid: unknown; port: unknown };
    return typeof pid === 'number' ? { pid, port: typeof port === 'number' ? port : null } : null;
  } catch {
    return null;
  }
}

function unusable(directory: string, error: unknown): DataDirError {
  const detail = error instanceof Error ? error.message : String(error);
  return new DataDirError(
    `DATA_DIR ${directory} cannot be used (${detail}): it must be a directory that this user may write to, on a disk with free space`,
    { cause: error },
  );
}
