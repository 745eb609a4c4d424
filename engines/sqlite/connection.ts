import Database from 'better-sqlite3';

export type SqlValue = string | number | Uint8Array | null;

/** One SQLite connection that prepares each SQL text once. The texts must come from a bounded set: values are bound, never written in. */
export class Connection {
  readonly db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(path: string, options: { readonly: boolean }) {
    this.db = new Database(path, { readonly: options.readonly, timeout: 5_000 });
    // Sorting and savepoints must not spill to a temporary directory that may be full or on another disk.
    this.db.pragma('temp_store = MEMORY');
  }

  all<R>(sql: string, ...values: SqlValue[]): R[] {
    return this.#prepare(sql).all(...values) as R[];
  }

  get<R>(sql: string, ...values: SqlValue[]): R | undefined {
    return this.#prepare(sql).get(...values) as R | undefined;
  }

  run(sql: string, ...values: SqlValue[]): Database.RunResult {
    return this.#prepare(sql).run(...values);
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
