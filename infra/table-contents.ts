import type { Warehouse } from '../engines/warehouse/port.ts';

/** Every row of every table of the warehouse, for comparisons of small ones. Left out is what does not come from the log: when migrations ran, and how nightly comparisons ended. */
export async function tableContents(warehouse: Warehouse): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const tables = await warehouse.query<{ table: string; key: string }>(
    "SELECT concat(database, '.', name) AS table, sorting_key AS key FROM system.tables WHERE database IN ('platform', 'analytics') AND engine LIKE '%MergeTree' AND name NOT IN ('migrations', 'reputation_comparisons') ORDER BY database, name",
  );
  const contents: Record<string, readonly unknown[]> = {};
  for (const { table, key } of tables)
    contents[table] = await warehouse.query(`SELECT * FROM ${table} FINAL ORDER BY ${key}`);
  return contents;
}
