/** `node infra/clickhouse-bridge/main.ts DIRECTORY PORT USER PASSWORD`: chDB behind ClickHouse's HTTP interface. For tests only. */
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ClickHouseClientConfigOptions, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { ClientPool } from '../../engines/warehouse/client-pool.ts';
import { createBridge } from './bridge.ts';

const [path = '', port = '0', user = '', password = ''] = process.argv.slice(2);

function openClient(): ReturnType<typeof createClient> {
  const connection = createChdbConnection({ path }) as unknown as NonNullable<
    ClickHouseClientConfigOptions['connection']
  >;
  return createClient({ connection, log: { level: ClickHouseLogLevel.OFF } });
}

// One client runs one statement at a time.
const pool = new ClientPool([openClient(), openClient(), openClient()], {
  waitingMax: 1_000,
  dispose: (client) => client.close(),
});
const server = createBridge(
  (query, query_params) => pool.run(async (client) => text((await client.exec({ query, query_params })).stream)),
  { user, password },
);
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
});
process.once('SIGTERM', () => {
  server.close(() => void pool.close().then(() => process.exit(0)));
  server.closeAllConnections();
});
