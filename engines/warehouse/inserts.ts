import { type RowText, checkRow } from '../../schema/warehouse/row-text.ts';
import { type RowOf, type TableName, tables } from '../../schema/warehouse/tables.ts';
import { InvalidRowError } from './port.ts';

/** Rows of one insert: one block, so that its token covers all of them. */
const insertRowsMax = 50_000;

const tokenPattern = /^[\w.:-]{1,200}$/;

/**
 * The statement that inserts rows given as JSON lines. Settings stand in the text, never beside it: embedded, they would
 * stay set for whatever the client runs next.
 */
export function insertSql(table: TableName, token: string): string {
  if (!tokenPattern.test(token))
    throw new RangeError('an insert token has 1 to 200 letters, digits, or any of _ . : -');
  const columns = Object.keys(tables[table].shape).join(', ');
  // Rows that replace each other within one insert are left to merges, as those of several are: readers take the newest in any case, and looking costs every insert.
  const settings = `async_insert=0, optimize_on_insert=0, insert_deduplicate=1, input_format_parallel_parsing=0, input_format_skip_unknown_fields=0, insert_deduplication_token='${token}'`;
  return `INSERT INTO ${table} (${columns}) SETTINGS ${settings} FORMAT JSONEachRow`;
}

/** The rows as JSON lines. Throws {@link InvalidRowError} that names the first row and field that do not fit. */
export function encodeRows<T extends TableName>(table: T, rows: readonly (RowOf<T> | RowText<T>)[]): string {
  if (rows.length > insertRowsMax)
    throw new RangeError(`one insert takes at most ${insertRowsMax} rows, got ${rows.length}`);
  return rows.map((row, index) => (typeof row === 'string' ? row : encodeRow(table, row, index))).join('\n');
}

function encodeRow(table: TableName, row: unknown, index: number): string {
  const { text, problem } = checkRow(table, row);
  if (text === null) throw new InvalidRowError(`row ${index} does not fit ${table}: ${problem}`);
  return text;
}
