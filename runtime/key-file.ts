import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeDirectory } from './make-directory.ts';

const keyBytes = 32;

/** A key file that cannot be used. The message says what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/**
 * The 32-byte secret `DATA_DIR/keys/<name>.key` (hex, mode 600), made on first use. Throws {@link KeyFileError} when the file is there
 * but is not such a key: a new one in its place would make everything under the old one unreadable.
 */
export function loadOrCreateKey(dataDir: string, name: string): Buffer {
  const file = join(dataDir, 'keys', `${name}.key`);
  const text = readOrCreate(file).trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new KeyFileError(
      `${file} is not a key of 64 hex digits: restore it from a backup; a new key cannot read what the old one sealed`,
    );
  return Buffer.from(text, 'hex');
}

const destroyedMark = (dataDir: string, name: string): string => join(dataDir, 'keys', `${name}.destroyed`);

/** Whether {@link destroyKey} was called for a key: it must not be made anew. */
export const isKeyDestroyed = (dataDir: string, name: string): boolean => existsSync(destroyedMark(dataDir, name));

/** Destroys a key for ever. What is left is a mark that it existed; repeated, nothing happens. Copies in backups are the operator's to destroy. */
export function destroyKey(dataDir: string, name: string): void {
  const file = join(dataDir, 'keys', `${name}.key`);
  makeDirectory(dirname(file));
  writeFileSync(destroyedMark(dataDir, name), '', { mode: 0o600, flush: true });
  if (!existsSync(file)) return;
  writeFileSync(file, '0'.repeat(2 * keyBytes), { flag: 'r+', flush: true });
  rmSync(file);
}

function readOrCreate(file: string): string {
  try {
    makeDirectory(dirname(file));
    refuseLostMaster(file);
    createOnce(file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    throw new KeyFileError(
      `${file} cannot be read or made (${(error as Error).message}): it must be a file that this user may read, in a directory to which this user may write, on a disk with free space`,
      { cause: error },
    );
  }
}

/** The master key is made before the gateway's: without it beside that one it was lost, and a new one could not read what is sealed. */
function refuseLostMaster(file: string): void {
  if (basename(file) !== 'master.key') return;
  if (!existsSync(join(dirname(file), 'gateway.key')) || existsSync(file)) return;
  throw new KeyFileError(
    `${file} is missing, and without it no personal field can be read: restore it from a backup (to start empty, set DATA_DIR to a new directory)`,
  );
}

function createOnce(file: string): void {
  if (existsSync(file)) return;
  // Processes that start together must never read a key that another has not written to its end.
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, `${randomBytes(keyBytes).toString('hex')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
