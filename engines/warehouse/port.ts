import type { RowText } from '../../schema/warehouse/row-text.ts';
import type { RowOf, TableName } from '../../schema/warehouse/tables.ts';

/** A bound parameter; its ClickHouse type stands in the SQL as `{name:Type}`. Instants are `YYYY-MM-DD hh:mm:ss.mmm` texts. */
export type QueryParameter = string | number | boolean | null | readonly string[] | readonly number[];

/**
 * The analytical store: ClickHouse, in process or a server, with one SQL text for both. Two databases: `platform` and
 * `analytics`; see schema/warehouse/. 64-bit integers come back as decimal texts.
 */
export interface Warehouse {
  /**
   * Brings the databases to the newest migration, each applied once, also when several processes start together. Resolves with what it found half
   * done, and has done, in words for an operator.
   */
  migrate(): Promise<readonly string[]>;
  /**
   * Inserts rows in one block. `token` names exactly these rows (a range of log offsets): repeated, nothing is
   * stored again. Rows are checked against schema/warehouse/ first, unless they were ({@link RowText}): a row that does not fit rejects the whole call
   * with {@link InvalidRowError} and stores nothing.
   */
  insert<T extends TableName>(table: T, rows: readonly (RowOf<T> | RowText<T>)[], token: string): Promise<void>;
  /** Rows of a SELECT with bound parameters, as plain objects. The text has no SETTINGS and no FORMAT of its own. */
  query<Row>(sql: string, parameters?: Readonly<Record<string, QueryParameter>>): Promise<readonly Row[]>;
  /** Names this very warehouse, from its first migration on. One that was made anew has another: whoever fills it starts over. */
  identity(): Promise<string>;
  /** Rejects with {@link WarehouseUnavailableError} when no answer comes. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export class InvalidRowError extends Error {
  override readonly name = 'InvalidRowError';
}

export class WarehouseUnavailableError extends Error {
  override readonly name = 'WarehouseUnavailableError';
}

/** Tables have lost rows. */
export class WarehouseDamagedError extends WarehouseUnavailableError {}
