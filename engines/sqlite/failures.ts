import { dirname } from 'node:path';

/** The `SQLITE_…` code of an error of SQLite, otherwise null. Goes by shape: test runners load the class more than once. */
export function sqliteCode(error: unknown): string | null {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null;
}

export function damagedFileMessage(path: string, detail: string): string {
  return `${path} is damaged (${detail}): restore it from a backup, or move it away together with its -wal and -shm files to start empty`;
}

/** Explains an error of SQLite in the operator's words. */
export function explainFailure(path: string, code: string, detail: string): string {
  // A full disk is SQLITE_FULL where a write fails, but an I/O error where the shared memory grows or fsync meets it.
  if (['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_FSYNC'].includes(code)) {
    return `the disk of DATA_DIR (${dirname(path)}) is full: free some space and try again; nothing of this change was stored`;
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damagedFileMessage(path, detail);
  if (code.startsWith('SQLITE_BUSY')) {
    return `${path} is held by another program: stop it and try again; nothing of this change was stored`;
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return `${path} cannot be opened for writing (${detail}): check the permissions of the directory and of the file`;
  }
  return `${path} failed (${code}: ${detail}); nothing of this change was stored`;
}

type UnavailableError = new (message: string, options?: ErrorOptions) => Error;

/** The port's own error for whatever SQLite or the writer threw; errors of the domain pass as they are. */
export function translate(Unavailable: UnavailableError, path: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code !== null) return new Unavailable(explainFailure(path, code, (error as Error).message), { cause: error });
  if (error instanceof Error && error.name === 'WriterBusyError') {
    return new Unavailable(error.message, { cause: error });
  }
  return error;
}
