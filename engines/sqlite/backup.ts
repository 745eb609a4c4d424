import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { migrationsKnown } from './migrations.ts';

/** A backup that cannot be made or taken back. The message says what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * Copies a data file as it stands at this moment into a new file, without anything that was deleted. The platform may go on meanwhile: SQLite shows the
 * copy one commit, and writers do not wait for it.
 */
export function copyDataFile(from: string, to: string): void {
  const db = new Database(from, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}

/** Reads a copy through. Throws {@link BackupError} for one that is damaged or that a newer program wrote. */
export function checkDataFile(path: string): void {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const [first] = db.pragma('integrity_check(1)') as { integrity_check: string }[];
    if (first?.integrity_check !== 'ok')
      throw new BackupError(`${path} is damaged: ${first?.integrity_check ?? 'no answer'}`);
    const version = db.pragma('user_version', { simple: true }) as number;
    if (version < 1) throw new BackupError(`${path} is no data file of this platform`);
    if (version > migrationsKnown)
      throw new BackupError(
        `${path} has schema version ${version}, this program knows ${migrationsKnown}: restore it with the newer program that wrote it`,
      );
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`${path} cannot be read as a data file (${(error as Error).message})`, { cause: error });
  } finally {
    db?.close();
  }
}

/** SHA-256 of a file, in hex. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
