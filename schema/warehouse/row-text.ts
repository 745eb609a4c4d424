import { explainZodError } from '../events/catalogue.ts';
import { quickCheckOf } from './quick-check.ts';
import { type TableName, tables } from './tables.ts';

const fits = Object.fromEntries(
  Object.entries(tables).map(([name, schema]) => [name, quickCheckOf(schema)]),
) as Readonly<Record<TableName, ReturnType<typeof quickCheckOf>>>;

declare const checkedFor: unique symbol;
/** A row of a table as one JSON text that the table's schema lets in: the functions of this file alone make it. */
export type RowText<T extends TableName> = string & { readonly [checkedFor]: T };

export type CheckedRow<T extends TableName> =
  { readonly text: RowText<T>; readonly problem: null } | { readonly text: null; readonly problem: string };

/** Checks a row and writes it down. A problem names the field and what is expected there. */
export function checkRow<T extends TableName>(table: T, row: unknown): CheckedRow<T> {
  const parsed = tables[table].safeParse(row);
  const problem = parsed.success ? brokenText(parsed.data) : explainZodError(parsed.error);
  if (problem !== null) return { text: null, problem };
  return { text: JSON.stringify(parsed.data) as RowText<T>, problem: null };
}

/** Whether the text that `JSON.stringify` writes of a value is a row of a table as {@link checkRowText} lets in. Where it says no, ask that function. */
export const isRow = (table: TableName, value: unknown): boolean => fits[table](value);

/** A record's row of a table: taken as it is where `rowOf` says that somebody has checked it, and checked where not. */
export function rowTextOf<T extends TableName>(
  table: T,
  { value, rowOf }: { readonly value: string | null; readonly rowOf?: TableName | undefined },
): CheckedRow<T> {
  return rowOf === table ? { text: value as RowText<T>, problem: null } : checkRowText(table, value);
}

/** Checks a row that stands as JSON on the log; its text is taken as it is. What it leaves out has the same default in its column as in its schema. */
export function checkRowText<T extends TableName>(table: T, text: string | null): CheckedRow<T> {
  const row = parseJson(text);
  const problem = fits[table](row) ? null : (problemOf(table, row) ?? brokenText(row as object));
  return problem === null ? { text: text as RowText<T>, problem } : { text: null, problem };
}

function problemOf(table: TableName, row: unknown): string | null {
  const parsed = tables[table].safeParse(row);
  return parsed.success ? null : explainZodError(parsed.error);
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Half a surrogate pair has no UTF-8 form: ClickHouse refuses some such texts and garbles others. */
function brokenText(row: object): string | null {
  for (const [column, value] of Object.entries(row) as [string, unknown][]) {
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (texts.some((text) => typeof text === 'string' && !text.isWellFormed()))
      return `${column}: is not well-formed Unicode`;
  }
  return null;
}
