import { SqliteEventLog } from '../event-log/sqlite-event-log.ts';
import { SqliteGraphStore } from '../graph-store/sqlite-graph-store.ts';
import { openSqliteFile } from './sqlite-file.ts';

export interface SqliteEngines {
  readonly store: SqliteGraphStore;
  readonly eventLog: SqliteEventLog;
}

/**
 * Opens the graph store and the event log on `<directory>/vcos.sqlite`. The directory exists and the caller holds its lock
 * (`lockDataDir`). The file closes when both are closed. Throws `DataDirError` for a file that cannot be used.
 */
export function openSqliteEngines(options: { directory: string; revokeMsMax?: number }): SqliteEngines {
  const file = openSqliteFile(options.directory);
  let open = 2;
  const onClosed = async (): Promise<void> => {
    if (--open === 0) await file.close();
  };
  const revoke = options.revokeMsMax === undefined ? {} : { revokeMsMax: options.revokeMsMax };
  return {
    store: new SqliteGraphStore(file, { onClosed }),
    eventLog: new SqliteEventLog(file, { onClosed, ...revoke }),
  };
}
