import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { RowText } from '../../schema/warehouse/row-text.ts';
import type { RowOf, TableName } from '../../schema/warehouse/tables.ts';
import { warehouseError } from './errors.ts';
import { encodeRows, insertSql } from './inserts.ts';
import {
  type AppliedMigration,
  type Migration,
  MigrationError,
  halfApplied,
  migrationsFolder,
  pendingMigrations,
  readMigrations,
  standingAfter,
} from './migration-files.ts';
import { type QueryParameter, type Warehouse, WarehouseDamagedError, WarehouseUnavailableError } from './port.ts';

/** How the adapters differ: where a client comes from, and how all of them are given back. */
export interface ClickHouseAccess {
  /** How it is named to an operator; `the warehouse` unless told otherwise. */
  readonly name?: string;
  /** `takesLong` says of a statement that it ends, but nobody knows when. */
  run<R>(work: (client: ClickHouseClient) => Promise<R>, takesLong: boolean): Promise<R>;
  close(): Promise<void>;
}

/** Bounds of a query: the result is held in memory whole, and embedded queries share the process's processors. */
const querySettings =
  "output_format_json_quote_64bit_integers=1, max_result_rows=100000, result_overflow_mode='throw', max_execution_time=30";

const bookkeeping = `CREATE TABLE IF NOT EXISTS platform.migrations
(version UInt32, file String, hash String, applied_at DateTime64(3, 'UTC'), warehouse_id UUID)
ENGINE = ReplacingMergeTree ORDER BY version
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`;

/** How long tables and views of migrations that are on record may be missing. */
const standingMsMax = 2_000;
const standingPollMs = 100;

/** The warehouse on any ClickHouse that `@clickhouse/client` reaches, in this process or on a server. One SQL text for both. */
export class ClickHouseWarehouse implements Warehouse {
  readonly #access: ClickHouseAccess;
  readonly #folder: string;

  constructor(access: ClickHouseAccess, folder = migrationsFolder) {
    this.#access = access;
    this.#folder = folder;
  }

  async migrate(): Promise<readonly string[]> {
    const migrations = await readMigrations(this.#folder);
    await this.#command('CREATE DATABASE IF NOT EXISTS platform');
    await this.#command(bookkeeping);
    const applied = await this.query<AppliedMigration>(
      'SELECT version, file, hash FROM platform.migrations FINAL ORDER BY version',
    );
    const pending = pendingMigrations(migrations, applied);
    const found = halfApplied(pending, await this.#present());
    for (const migration of pending) await this.#apply(migration);
    await this.#checkStanding(migrations);
    return found;
  }

  async #present(): Promise<ReadonlySet<string>> {
    const tables = await this.query<{ name: string }>(
      "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database IN ('platform', 'analytics')",
    );
    return new Set(tables.map(({ name }) => name));
  }

  /** Refuses a warehouse of which somebody dropped what is on record as made: sinks would fail for ever, and without a view its table would stay behind unnoticed. */
  async #checkStanding(migrations: readonly Migration[]): Promise<void> {
    const standing = standingAfter(migrations);
    const deadline = Date.now() + standingMsMax;
    for (;;) {
      const present = await this.#present();
      const missing = standing.filter((name) => !present.has(name));
      if (missing.length === 0) return;
      // Another process that applies the same migration again drops a view for as long as it takes to make it anew.
      if (Date.now() > deadline)
        throw new WarehouseDamagedError(
          `the warehouse lacks ${missing.join(', ')}, though the migrations that make it are on record as applied: \`npm run rebuild\` fills it anew from the event log`,
        );
      await sleep(standingPollMs);
    }
  }

  /** Removes both databases with everything in them; `migrate` makes them anew. */
  async drop(): Promise<void> {
    for (const database of ['analytics', 'platform']) await this.#command(`DROP DATABASE IF EXISTS ${database} SYNC`);
  }

  async insert<T extends TableName>(table: T, rows: readonly (RowOf<T> | RowText<T>)[], token: string): Promise<void> {
    const sql = insertSql(table, token);
    const body = encodeRows(table, rows);
    if (rows.length === 0) return;
    await this.#run('insert', async (client) => {
      const { stream } = await client.exec({ query: sql, values: Readable.from([body]) });
      for await (const _chunk of stream);
    });
  }

  async query<Row>(sql: string, parameters: Readonly<Record<string, QueryParameter>> = {}): Promise<readonly Row[]> {
    const query = `${sql}\nSETTINGS ${querySettings}`;
    return this.#run('query', async (client) => {
      const result = await client.query({ query, query_params: parameters, format: 'JSONEachRow' });
      return result.json<Row>();
    });
  }

  /** Tables whose files are not what ClickHouse wrote down of them. Reads all of them. */
  async damagedTables(): Promise<readonly string[]> {
    const tables = await this.query<{ name: string }>(
      "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database IN ('platform', 'analytics') AND engine LIKE '%MergeTree' ORDER BY name",
    );
    const damaged: string[] = [];
    for (const { name } of tables) if (!(await this.#isWhole(name))) damaged.push(name);
    return damaged;
  }

  /** However long it takes. */
  async #isWhole(table: string): Promise<boolean> {
    const query = `CHECK TABLE ${table} SETTINGS check_query_single_value_result=1, max_execution_time=0`;
    return this.#run('check', async (client) => {
      const result = await client.query({ query, format: 'JSONEachRow' });
      return (await result.json<{ result: number }>()).every(({ result: isWhole }) => isWhole === 1);
    });
  }

  async ping(): Promise<void> {
    await this.#run('query', async (client) => {
      const answer = await client.ping();
      if (!answer.success)
        throw new WarehouseUnavailableError(`the warehouse does not answer: ${answer.error.message}`, {
          cause: answer.error,
        });
    });
  }

  async identity(): Promise<string> {
    const [first] = await this.query<{ id: string }>(
      'SELECT toString(warehouse_id) AS id FROM platform.migrations FINAL WHERE version = 1',
    );
    if (!first)
      throw new MigrationError('the warehouse has no identity before its first migration: call migrate first');
    return first.id;
  }

  close(): Promise<void> {
    return this.#access.close();
  }

  /** Statements can be repeated, so a crash in between does no harm, nor do two processes that migrate at once. */
  async #apply(migration: Migration): Promise<void> {
    for (const statement of migration.statements) await this.#command(statement);
    await this.#command(
      `INSERT INTO platform.migrations SETTINGS async_insert=0, insert_deduplication_token='migration:${migration.version}'
      SELECT ${migration.version}, '${migration.file}', '${migration.hash}', now64(3), generateUUIDv4()`,
    );
  }

  async #command(query: string): Promise<void> {
    await this.#run('migrate', (client) => client.command({ query }));
  }

  async #run<R>(
    doing: 'query' | 'insert' | 'migrate' | 'check',
    work: (client: ClickHouseClient) => Promise<R>,
  ): Promise<R> {
    try {
      return await this.#access.run(work, doing === 'migrate' || doing === 'check');
    } catch (error) {
      throw warehouseError(error, doing === 'check' ? 'query' : doing, this.#access.name);
    }
  }
}
