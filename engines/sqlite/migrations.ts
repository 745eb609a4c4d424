import { DataDirError } from '../data-dir.ts';
import { Connection } from './connection.ts';
import { damagedFileMessage, sqliteCode } from './failures.ts';

/**
 * The schema, one text per version; `PRAGMA user_version` says how many a file has seen. A text that was ever released is never edited.
 *
 * `node_lists` holds, for each pair of indexed properties, the nodes in the order of the second under each value of the first (and once under
 * no filter at all), so that a page of a filtered list is one range of one tree however large the type is. `edge_lists` does the same per node.
 * `records.place` is `stream * 2^40 + offset`: one integer key keeps each partition's records together and in order. `records.compacted` is the stream where only the
 * newest record of a key stays.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE nodes (n INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, props TEXT NOT NULL, UNIQUE (type, id)) STRICT;
  CREATE TABLE node_unique (type TEXT, property TEXT, value ANY, id TEXT NOT NULL, PRIMARY KEY (type, property, value)) STRICT, WITHOUT ROWID;
  CREATE TABLE node_lists (list TEXT, value ANY, sort ANY, id TEXT, n INTEGER NOT NULL, PRIMARY KEY (list, value, sort, id)) STRICT, WITHOUT ROWID;

  CREATE TABLE edges (e INTEGER PRIMARY KEY, type TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL, props TEXT NOT NULL, UNIQUE (type, source, target, key)) STRICT;
  CREATE INDEX edges_by_target ON edges (type, target, source, key);
  CREATE TABLE edge_lists (list TEXT, id TEXT, direction INTEGER, value ANY, neighbour TEXT, key TEXT, e INTEGER NOT NULL, PRIMARY KEY (list, id, direction, value, neighbour, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE degrees (type TEXT, id TEXT, outgoing INTEGER NOT NULL, incoming INTEGER NOT NULL, PRIMARY KEY (type, id)) STRICT, WITHOUT ROWID;

  CREATE TABLE topics (topic INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, cleanup TEXT NOT NULL, first_stream INTEGER NOT NULL) STRICT;
  CREATE TABLE streams (stream INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;
  CREATE TABLE records (place INTEGER PRIMARY KEY, key TEXT NOT NULL, id TEXT NOT NULL, value TEXT, at INTEGER NOT NULL) STRICT;
  CREATE INDEX tombstones ON records (at) WHERE value IS NULL;
  CREATE TABLE record_ids (topic INTEGER, id TEXT, place INTEGER NOT NULL, PRIMARY KEY (topic, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE newest (stream INTEGER, key TEXT, place INTEGER NOT NULL, PRIMARY KEY (stream, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE group_offsets (grp TEXT, stream INTEGER, next INTEGER NOT NULL, PRIMARY KEY (grp, stream)) STRICT, WITHOUT ROWID;
  `,
  // Compacted records are found by one index of the table itself; `blocks` holds what processors write, many records to a row.
  `
  ALTER TABLE records ADD COLUMN compacted INTEGER;
  UPDATE records SET compacted = place / 1099511627776 WHERE place IN (SELECT place FROM newest);
  DROP TABLE newest;
  CREATE UNIQUE INDEX newest ON records (compacted, key) WHERE compacted IS NOT NULL;
  CREATE TABLE blocks (place INTEGER PRIMARY KEY, at INTEGER NOT NULL, heads TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  `,
  // Large blocks are compressed: heads, a line feed and body in one.
  'ALTER TABLE blocks ADD COLUMN packed BLOB',
];

/** The schema version of this program. */
export const migrationsKnown = migrations.length;

/** Brings a file to this program's schema version, one transaction per step. Throws {@link DataDirError} when a newer program wrote it, or when it is not what its version says. */
export function migrate(connection: Connection, path: string): void {
  const { db } = connection;
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    throw new DataDirError(
      `${path} has schema version ${version}, this program knows ${migrations.length}: run the newer program that wrote it, or restore an older backup`,
    );
  }
  try {
    applyFrom(connection, version);
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_ERROR') throw error;
    const detail = `its schema version says ${version}, which it is not: ${(error as Error).message}`;
    throw new DataDirError(damagedFileMessage(path, detail), { cause: error });
  }
  const missing = missingOf(connection);
  if (missing.length > 0) {
    const detail = `its schema version says ${migrations.length}, but it lacks ${missing.join(', ')}`;
    throw new DataDirError(damagedFileMessage(path, detail));
  }
}

function applyFrom({ db }: Connection, version: number): void {
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
}

/** What all migrations make and a file does not have. An index that is gone is not slow alone: the unique ones are what keeps one record of a key, and one node of a value. */
function missingOf(connection: Connection): readonly string[] {
  const pattern = new Connection(':memory:', { readonly: false });
  try {
    applyFrom(pattern, 0);
    const present = new Set(partsOf(connection));
    return partsOf(pattern).filter((part) => !present.has(part));
  } finally {
    pattern.db.close();
  }
}

/** Tables' columns and indexes, each by a name. */
function partsOf(connection: Connection): readonly string[] {
  const rows = connection.all<{ part: string }>(
    `SELECT s.type || ' ' || s.name || iif(c.name IS NULL, '', '.' || c.name) AS part
     FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) c ON s.type = 'table'
     WHERE s.type IN ('table', 'index') AND s.name NOT LIKE 'sqlite_stat%' ORDER BY part`,
  );
  return rows.map(({ part }) => part);
}
