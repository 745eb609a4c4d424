import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { makeDirectory } from '../../runtime/make-directory.ts';
import type { RowText } from '../../schema/warehouse/row-text.ts';
import type { RowOf, TableName } from '../../schema/warehouse/tables.ts';
import { type ClickHouseAccess, ClickHouseWarehouse } from './clickhouse-core.ts';
import { ClientPool } from './client-pool.ts';
import { DiskWatch } from './disk-watch.ts';
import { migrationsFolder } from './migration-files.ts';
import { type QueryParameter, type Warehouse, WarehouseDamagedError, WarehouseUnavailableError } from './port.ts';
import { StuckWatch } from './stuck-watch.ts';

export interface ChdbOptions {
  /** The data directory; made where it is absent. One process at a time, and one directory per process. */
  readonly path: string;
  /** How many statements run at the same time. Queries with bound parameters run one after the other all the same: chDB binds per process. */
  readonly clients?: number;
  readonly migrationsFolder?: string;
  /** Removes what is there, damaged or not, and starts with nothing. */
  readonly empty?: boolean;
  /** Called once, when tables turn out to have lost rows while the warehouse is open. Nothing but a warehouse that is made anew has them again. */
  readonly onDamaged?: (error: WarehouseDamagedError) => void;
  /** How long a statement may take before it is taken for one that never ends, in milliseconds. */
  readonly stuckMs?: number;
  /** Called once, when a statement does not end ({@link StuckWatch}). Every call is rejected by then, and closing leaves the directory to the end of the process. */
  readonly onStuck?: (error: WarehouseUnavailableError) => void;
}

const clientsDefault = 3;
/** Far above the 30 s that a query may take, and the 120 s for which ClickHouse waits for a table. */
const stuckMsDefault = 180_000;
const waitingMax = 1_000;
const rebuildAdvice = 'run `npm run rebuild`: it is filled anew from the event log';

/** Opens ClickHouse in this process. Rejects with {@link WarehouseUnavailableError} naming the directory and what to do, with {@link WarehouseDamagedError} where tables have lost rows. */
export async function openChdbWarehouse(options: ChdbOptions): Promise<Warehouse> {
  const { path } = options;
  if (options.empty === true) await rm(path, { recursive: true, force: true });
  try {
    makeDirectory(path);
  } catch (error) {
    throw new WarehouseUnavailableError(`the warehouse directory ${path} cannot be made: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const clients = await openClients(path, options.clients ?? clientsDefault);
  const watch = new StuckWatch({ stuckMs: options.stuckMs ?? stuckMsDefault, onStuck: options.onStuck });
  const warehouse = new ChdbWarehouse(watchedAccess(clients, watch), options);
  try {
    await setUp(clients, watch);
    await refuseBrokenParts(warehouse, path);
  } catch (error) {
    await warehouse.close();
    throw error;
  }
  return warehouse;
}

function watchedAccess(clients: readonly ClickHouseClient[], watch: StuckWatch): ClickHouseAccess {
  const pool = new ClientPool(clients, { waitingMax, dispose: (client) => client.close() });
  return {
    run: (work, takesLong) =>
      watch.run((begin) =>
        pool.run((client) => {
          if (!takesLong) begin();
          return work(client);
        }),
      ),
    async close() {
      try {
        await watch.run(() => pool.close());
      } catch (error) {
        // A connection in use cannot be closed.
        if (!watch.isStuck) throw error;
      } finally {
        watch.stop();
      }
    },
  };
}

/**
 * ClickHouse sets a connection up at its first statement. They are made one after the other: the only statement that was ever seen not to end was the first of its
 * connection, beside another.
 */
async function setUp(clients: readonly ClickHouseClient[], watch: StuckWatch): Promise<void> {
  for (const client of clients)
    await watch.run((begin) => {
      begin();
      return client.ping();
    });
}

async function openClients(path: string, count: number): Promise<readonly ClickHouseClient[]> {
  const clients: ClickHouseClient[] = [];
  try {
    while (clients.length < count) clients.push(openClient(path));
    return clients;
  } catch (error) {
    for (const client of clients) await client.close();
    throw new WarehouseUnavailableError(await explainRefusal(path, error), { cause: error });
  }
}

function openClient(path: string): ClickHouseClient {
  // chDB implements the same contract from its own copy of the declarations.
  const connection = createChdbConnection({ path }) as unknown as NonNullable<
    ClickHouseClientConfigOptions['connection']
  >;
  return createClient({ connection, log: { level: ClickHouseLogLevel.OFF } });
}

async function explainRefusal(path: string, error: unknown): Promise<string> {
  const holder = await lockHolder(path);
  if (holder !== null)
    return `the warehouse directory ${path} is in use by process ${holder}: stop that process, or use another data directory`;
  const text = error instanceof Error ? error.message : String(error);
  return `the warehouse directory ${path} cannot be opened (${text}): it is damaged, not readable, or this process already has another one open. If it is damaged, ${rebuildAdvice}`;
}

/** The living process that ClickHouse's lock file names. */
async function lockHolder(path: string): Promise<number | null> {
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '');
  const pid = Number(/^PID: (\d+)$/m.exec(status)?.[1] ?? Number.NaN);
  if (!Number.isInteger(pid) || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : null;
  }
}

/**
 * ClickHouse in this process writes parts of tables without heeding what the disk answers (chDB 3.4.0, seen with strace): on a full disk an insert or a merge may
 * succeed whose files are empty, and what was merged is removed. So nothing is inserted where little room is left, merges find room of their own accord or do not
 * begin, and after a disk was full every table is checked.
 */
class ChdbWarehouse extends ClickHouseWarehouse {
  readonly #options: ChdbOptions;
  readonly #disk: DiskWatch;
  #isDamaged = false;

  constructor(access: ClickHouseAccess, options: ChdbOptions) {
    super(access, options.migrationsFolder ?? migrationsFolder);
    this.#options = options;
    this.#disk = new DiskWatch({ path: options.path, check: () => this.#check() });
  }

  override async migrate(): Promise<readonly string[]> {
    this.#disk.requireRoom();
    return super.migrate();
  }

  /** It answers queries on a full disk, but who asks wants to know whether it takes part. */
  override async ping(): Promise<void> {
    this.#disk.requireRoom();
    await super.ping();
  }

  override async insert<T extends TableName>(
    table: T,
    rows: readonly (RowOf<T> | RowText<T>)[],
    token: string,
  ): Promise<void> {
    this.#disk.requireRoom();
    await super.insert(table, rows, token);
    // The rows are told as stored either way; where somebody filled the disk meanwhile, they are looked for in time.
    this.#disk.look();
  }

  override async query<Row>(
    sql: string,
    parameters?: Readonly<Record<string, QueryParameter>>,
  ): Promise<readonly Row[]> {
    try {
      return await super.query<Row>(sql, parameters);
    } catch (error) {
      if (error instanceof WarehouseDamagedError) this.#disk.suspect();
      throw error;
    }
  }

  override async close(): Promise<void> {
    await this.#disk.stop();
    await super.close();
  }

  async #check(): Promise<void> {
    if (this.#isDamaged) return;
    const suspects = await this.damagedTables();
    if (suspects.length === 0) return;
    // Whatever else may fail in reading a table (memory above all) passes; damage stays.
    const still = new Set(await this.damagedTables());
    const damaged = suspects.filter((table) => still.has(table));
    if (damaged.length === 0) return;
    this.#isDamaged = true;
    this.#options.onDamaged?.(damagedIn(this.#options.path, damaged));
  }
}

/** ClickHouse sets damaged parts aside and goes on without their rows; a table that has silently lost rows must not be read. */
async function refuseBrokenParts(warehouse: Warehouse, path: string): Promise<void> {
  const broken = await warehouse.query<{ name: string }>(
    "SELECT DISTINCT concat(database, '.', table) AS name FROM system.detached_parts WHERE reason LIKE 'broken%' ORDER BY name",
  );
  if (broken.length === 0) return;
  throw damagedIn(
    path,
    broken.map(({ name }) => name),
  );
}

function damagedIn(path: string, tables: readonly string[]): WarehouseDamagedError {
  return new WarehouseDamagedError(
    `the warehouse directory ${path} has damaged data in ${tables.join(', ')}: ${rebuildAdvice}`,
  );
}
