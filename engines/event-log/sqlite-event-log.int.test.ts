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
