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
    name: `ClickHouse at ${address} (WAREHOUSE_URL)`,
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
  const [row] = await warehouse.query<{ version?: unknown }>('SELECT version() AS version').catch((error: unknown) => {
    throw explained(error, address);
  });
  const version = typeof row?.version === 'string' ? row.version : '';
  if (!/^\d+\.\d+/.test(version)) throw notClickHouse(address, 'no version of ClickHouse');
  if (Number(version.split('.')[0]) >= oldestMajor) return;
  throw new WarehouseUnavailableError(
    `the server at ${address} is ClickHouse ${version}: ${oldestMajor}.1 or later is needed`,
  );
}

function notClickHouse(address: string, said: string, cause?: unknown): WarehouseUnavailableError {
  return new WarehouseUnavailableError(
    `what is at ${address} (WAREHOUSE_URL) does not answer as ClickHouse does (it said: ${said}): the address of ClickHouse's HTTP interface is expected there, which is at port 8123, or 8443 by https`,
    { cause },
  );
}

function explained(error: unknown, address: string): WarehouseUnavailableError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) return notClickHouse(address, 'what is no JSON', error);
  const { cause } = error as Error;
  if (cause instanceof Error && isForeign(cause)) return notClickHouse(address, excerpt(cause.message), error);
  const advice = adviceOn(message, cause);
  return new WarehouseUnavailableError(`ClickHouse at ${address} ${advice}`, { cause: error });
}

/** Whether something answered in its own way: neither the system nor ClickHouse names such errors, but the parser of HTTP does. */
function isForeign(cause: Error): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined ? cause.message !== timeOut : code.startsWith('HPE_');
}

/** The client's own words for no answer in time. */
const timeOut = 'Timeout error.';

const excerpt = (text: string): string => (text === '' ? 'nothing' : text.slice(0, 100).replace(/\s+/g, ' ').trim());

function adviceOn(message: string, cause: unknown): string {
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  if (/AUTHENTICATION_FAILED|REQUIRED_PASSWORD/.test(message))
    return 'refuses the user or the password: set both in WAREHOUSE_URL (http://user:password@host:port) as the server knows them';
  if (/READONLY/.test(message))
    return 'lets its user read with fixed settings only (READONLY): WAREHOUSE_URL needs a user that may write, without a profile that has readonly=1';
  if (code === 'EPROTO')
    return `cannot be spoken to by TLS (${excerpt((cause as Error).message)}): an address with http:// in WAREHOUSE_URL is for servers without`;
  if (/CERT|UNABLE_TO/.test(code))
    return `has a certificate of no CA that is trusted here (${code}): NODE_EXTRA_CA_CERTS names the file with the certificate of a private one`;
  return `cannot be used (${message}): start it, or set WAREHOUSE_URL to where it is`;
}
