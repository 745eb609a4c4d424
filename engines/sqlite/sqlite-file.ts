import { join } from 'node:path';
import { DataDirError } from '../data-dir.ts';
import { CommitSignal } from './commit-signal.ts';
import { Connection } from './connection.ts';
import { damagedFileMessage, explainFailure, sqliteCode } from './failures.ts';
import { migrate } from './migrations.ts';
import { Writer } from './writer.ts';

/** The name of the file inside of `DATA_DIR`. */
export const DATA_FILE = 'vcos.sqlite';

/** The open data file: one writer, one reader that sees committed data only, and the news of commits. */
export interface SqliteFile {
  readonly path: string;
  readonly reader: Connection;
  readonly writer: Writer;
  readonly commits: CommitSignal;
  /** Aborted when the file closes: whoever polls it must end. */
  readonly closed: AbortSignal;
  /** Finishes accepted writes, then closes. */
  close(): Promise<void>;
  /** Lets go of the file at once, as a killed process does: what is not committed is lost. */
  abandon(): void;
}

/**
 * Opens (or makes) `DATA_DIR/vcos.sqlite`, checks it and brings it to the present schema. Throws {@link DataDirError} for a file that is damaged,
 * cannot be written or comes from a newer program. The directory exists and the caller holds its lock.
 */
export function openSqliteFile(dataDir: string, options: { jobMsMax?: number } = {}): SqliteFile {
  const path = join(dataDir, DATA_FILE);
  const { write, reader } = openConnections(path);
  const commits = new CommitSignal();
  const writer = new Writer(write, commits, { jobMsMax: options.jobMsMax ?? 10_000 });
  const closed = new AbortController();
  const abandon = (): void => {
    closed.abort();
    reader.db.close();
    write.db.close();
  };
  const close = async (): Promise<void> => {
    await writer.close();
    abandon();
  };
  return { path, reader, writer, commits, closed: closed.signal, close, abandon };
}

function openConnections(path: string): { write: Connection; reader: Connection } {
  let write: Connection | undefined;
  try {
    write = new Connection(path, { readonly: false });
    check(write, path);
    write.db.pragma('journal_mode = WAL');
    write.db.pragma('synchronous = FULL');
    // Fewer, larger checkpoints: each rewrites pages that the next transactions change again.
    write.db.pragma('wal_autocheckpoint = 16000');
    // Indexes keyed by random ids are written all over: pages that fall out of the cache are written more than once.
    write.db.pragma(`cache_size = -${32 * 1024}`);
    // What is deleted (a subject's key above all) must not survive in free pages.
    write.db.pragma('secure_delete = ON');
    write.db.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
    migrate(write, path);
    return { write, reader: new Connection(path, { readonly: true }) };
  } catch (error) {
    write?.db.close();
    const code = sqliteCode(error);
    if (code !== null) throw new DataDirError(explainFailure(path, code, (error as Error).message), { cause: error });
    throw error;
  }
}

function check(connection: Connection, path: string): void {
  const [first] = connection.db.pragma('quick_check(1)') as { quick_check: string }[];
  if (first?.quick_check !== 'ok') throw new DataDirError(damagedFileMessage(path, first?.quick_check ?? 'no answer'));
}
