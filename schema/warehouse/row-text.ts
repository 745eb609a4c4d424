import { explainZodError } from '../events/catalogue.ts';
import { quickCheckOf } from './quick-check.ts';
import { type TableName, tables } from './tables.ts';

const fits = Object.fromEntries(
  Object.entries(tables).map(([name, schema]) => [name, quickCheckOf(schema)]),
) as Readonly<Record<TableName, ReturnType<typeof quickCheckOf>>>;

declare const checkedFor: unique symbol;
/** A row of a table as one JSON text that the table's schema lets in: {@link checkRow} and {@link checkRowText} alone make it. */
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

/**
 * Checks a row that stands as JSON on the log; its text is taken as it is. What it leaves out has the same default in its column as in its schema. Whoever has the value that
 * the text was written from gives it, so that the text need not be read.
 */
export function checkRowText<T extends TableName>(table: T, text: string | null, value?: unknown): CheckedRow<T> {
  const isKnown = text !== null && value !== undefined && fits[table](value);
  const row = isKnown ? value : parseJson(text);
  const problem = isKnown || fits[table](row) ? null : problemOf(table, row);
  // Half a pair is either written as an escape or stands there itself: hardly a row needs a closer look.
  if (problem === null && text !== null && text.isWellFormed() && !/\\u[dD]/.test(text))
    return { text: text as RowText<T>, problem };
  const broken = problem ?? brokenText(row as object);
  return broken === null ? { text: text as RowText<T>, problem: null } : { text: null, problem: broken };
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
