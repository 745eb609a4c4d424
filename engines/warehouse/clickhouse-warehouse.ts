import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { ClickHouseWarehouse } from './clickhouse-core.ts';
import { ClientPool } from './client-pool.ts';
import { isOutage } from './errors.ts';
import { migrationsFolder } from './migration-files.ts';
import { type Warehouse, WarehouseUnavailableError } from './port.ts';

export interface ClickHouseServerOptions {
  /** `http://` or `https://`, without a user. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** How long one statement may take, in milliseconds. */
  readonly requestMsMax?: number;
  /** How often a statement is sent when no answer comes. Inserts can be: the server drops the repetition of a token that it has seen. */
  readonly attemptsMax?: number;
  readonly migrationsFolder?: string;
  /** Drops both databases and starts with nothing. */
  readonly empty?: boolean;
}

const defaults = { requestMsMax: 35_000, attemptsMax: 3 } as const;
const concurrencyMax = 10;
const waitingMax = 1_000;
/** The major version whose deduplication and settings the statements rely on. */
const oldestMajor = 25;

/** Connects to a ClickHouse server over HTTP. Rejects with {@link WarehouseUnavailableError} that names the address and what was expected. */
export async function openClickHouseWarehouse(options: ClickHouseServerOptions): Promise<Warehouse> {
  const { requestMsMax, attemptsMax } = { ...defaults, ...options };
  const address = new URL(options.url).host;
  const client = createClient({
    url: options.url,
    username: options.user,
    password: options.password,
    request_timeout: requestMsMax,
    max_open_connections: concurrencyMax,
    // An error then comes as a status, not in the middle of an answer that had begun well.
    clickhouse_settings: { wait_end_of_query: 1 },
    log: { level: ClickHouseLogLevel.OFF },
  });
  const places = Array.from({ length: concurrencyMax }, () => client);
  const pool = new ClientPool(places, { waitingMax, dispose: () => Promise.resolve() });
  const access = {
    run: <R>(work: (client: ClickHouseClient) => Promise<R>): Promise<R> =>
      pool.run((each) => persistently(attemptsMax, () => work(each))),
    async close(): Promise<void> {
      await pool.close();
      await client.close();
    },
  };
  const warehouse = new ClickHouseWarehouse(access, options.migrationsFolder ?? migrationsFolder);
  try {
    await checkServer(warehouse, address);
    if (options.empty === true) await warehouse.drop();
    return warehouse;
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}

/** Sends a statement again where no answer came, or one that no ClickHouse gave. */
async function persistently<R>(attemptsMax: number, work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attemptsMax || !isOutage(error)) throw error;
      await sleep(50 * 2 ** attempt);
    }
  }
}

async function checkServer(warehouse: ClickHouseWarehouse, address: string): Promise<void> {
  const [row] = await warehouse.query<{ version: string }>('SELECT version() AS version').catch((error: unknown) => {
    throw explained(error, address);
  });
  const major = Number(row?.version.split('.')[0]);
  if (major >= oldestMajor) return;
  throw new WarehouseUnavailableError(
    `the server at ${address} is ClickHouse ${row?.version ?? 'of an unknown version'}: ${oldestMajor}.1 or later is needed`,
  );
}

function explained(error: unknown, address: string): WarehouseUnavailableError {
  const message = error instanceof Error ? error.message : String(error);
  const advice = message.includes('AUTHENTICATION_FAILED')
    ? 'refuses the user or the password: set both in WAREHOUSE_URL (http://user:password@host:port) as the server knows them'
    : `cannot be used (${message}): start it, or set WAREHOUSE_URL to where it is`;
  return new WarehouseUnavailableError(`ClickHouse at ${address} ${advice}`, { cause: error });
}
