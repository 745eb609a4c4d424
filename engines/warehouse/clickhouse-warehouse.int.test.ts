import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type BridgeProcess, startBridge } from '../../infra/clickhouse-bridge/bridge-process.ts';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { openClickHouseWarehouse } from './clickhouse-warehouse.ts';
import { warehouseConformance } from './conformance.ts';
import type { Warehouse } from './port.ts';

let root: string;
let bridge: BridgeProcess;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-clickhouse-'));
  bridge = await startBridge(join(root, 'data'));
});
afterAll(async () => {
  await bridge.stop();
  await rm(root, { recursive: true, force: true });
});

warehouseConformance('ClickHouse over HTTP', () => openClickHouseWarehouse(bridge));

function rowsOf(eventId: string, count: number): RowOf<'platform.canon_status'>[] {
  return Array.from({ length: count }, (_, seq) => ({
    event_id: eventId,
    seq,
    status: 'PROVISIONAL',
    reason: 'r',
    decider: 'd',
    contradiction: null,
    moved_at: '2024-01-01 00:00:00.000',
  }));
}

describe('when the server fails', () => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await openClickHouseWarehouse(bridge);
    await warehouse.migrate();
  });
  afterEach(() => bridge.clearFaults());
  afterAll(() => warehouse.close());

  const stored = async (id: string): Promise<number> => {
    const [row] = await warehouse.query<{ n: string }>(
      'SELECT count() AS n FROM platform.canon_status WHERE event_id = {id:String}',
      { id },
    );
    return Number(row?.n);
  };

  test.each(['drop', 'error', 'cut'] as const)('goal: an insert that meets "%s" is stored once', async (kind) => {
    await bridge.fault({ kind, on: 'insert' });
    await warehouse.insert('platform.canon_status', rowsOf(`once-${kind}`, 3), `fault:0:${kind}`);
    expect(await stored(`once-${kind}`)).toBe(3);
  });

  test.each(['drop', 'error'] as const)('goal: what outlasts the attempts is an outage: "%s"', async (kind) => {
    await bridge.fault({ kind, on: 'insert', times: 3 });
    const insert = (): Promise<void> =>
      warehouse.insert('platform.canon_status', rowsOf(`later-${kind}`, 2), `later:0:${kind}`);
    await expect(insert()).rejects.toMatchObject({ name: 'WarehouseUnavailableError' });
    await insert();
    expect(await stored(`later-${kind}`)).toBe(2);
  });

  test('goal: an answer that breaks off is asked for again, and never taken for the whole', async () => {
    await warehouse.insert('platform.canon_status', rowsOf('whole', 500), 'whole:0:0-499');
    await bridge.fault({ kind: 'cut', on: 'query', times: 2 });
    const rows = await warehouse.query("SELECT seq FROM platform.canon_status WHERE event_id = 'whole'");
    expect(rows).toHaveLength(500);
  });

  test('goal: a server that is too slow is an outage', async () => {
    const hasty = await openClickHouseWarehouse({ ...bridge, requestMsMax: 1_000, attemptsMax: 1 });
    await bridge.fault({ kind: 'slow', waitMs: 2_500 });
    await expect(hasty.query('SELECT 1')).rejects.toMatchObject({ name: 'WarehouseUnavailableError' });
    await hasty.close();
  });

  test('goal: a server that is absent or knows no such password is named with what to do', async () => {
    await expect(openClickHouseWarehouse({ ...bridge, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({
      name: 'WarehouseUnavailableError',
      message: expect.stringMatching(/ClickHouse at 127\.0\.0\.1:9 .*WAREHOUSE_URL/),
    });
    await expect(openClickHouseWarehouse({ ...bridge, password: 'wrong' })).rejects.toMatchObject({
      name: 'WarehouseUnavailableError',
      message: expect.stringMatching(/refuses the user or the password/),
    });
  });

  test('goal: a statement’s own mistake is not tried again', async () => {
    await expect(warehouse.query('SELECT nonsense')).rejects.toMatchObject({ name: 'WarehouseQueryError' });
  });
});

interface Answer {
  readonly status: number;
  readonly body: string;
  /** What is answered to the question for the version, where that is answered in another way. */
  readonly version?: string;
  readonly code?: number;
}

/** A server that answers everything in one way. Its address, until it is stopped. */
async function answering({ status, body, version, code }: Answer): Promise<{ port: number; stop: () => void }> {
  const server = createServer((request, response) => {
    void text(request).then((sql) => {
      if (version !== undefined && sql.includes('version()')) return response.end(`{"version":"${version}"}\n`);
      response.writeHead(status, code === undefined ? {} : { 'x-clickhouse-exception-code': String(code) });
      return response.end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

describe('a server that cannot be the warehouse', () => {
  const refused = (code: number, type: string, said: string): Answer => ({
    status: 500,
    body: `Code: ${code}. DB::Exception: ${said}. (${type}) (version 26.7.1.1 (official build))`,
    code,
  });
  const other = /^what is at 127\.0\.0\.1:\d+ \(WAREHOUSE_URL\) does not answer as ClickHouse does \(it said: /;
  const noTables =
    /^ClickHouse at 127\.0\.0\.1:\d+ \(WAREHOUSE_URL\) does not let its user make and change tables .*ALL ON platform\.\*/;
  const version = '26.7.1.1';

  test.each<[string, Answer, RegExp]>([
    ['a page of some other server', { status: 200, body: '<html>Welcome</html>' }, other],
    ['its refusal', { status: 404, body: '<html>404</html>' }, other],
    ['nothing at all', { status: 200, body: '' }, other],
    ['JSON of something else', { status: 200, body: '{"hello":"world"}' }, other],
    ["ClickHouse's other port", { status: 400, body: 'Port 9000 is for clickhouse-client program\r\n' }, other],
    [
      'a user that may make nothing',
      { ...refused(497, 'ACCESS_DENIED', 'vcos: Not enough privileges'), version },
      noTables,
    ],
    [
      'a user that may only read',
      { ...refused(164, 'READONLY', 'Cannot execute query in readonly mode'), version },
      noTables,
    ],
    [
      'a user whose settings are fixed',
      refused(164, 'READONLY', "Cannot modify 'max_result_rows' setting in readonly mode"),
      /127\.0\.0\.1:\d+ lets its user read .* WAREHOUSE_URL needs a user/,
    ],
  ])(
    'goal: is named with its address, the setting and what is expected, and is waited for: %s',
    async (_, answer, told) => {
      const { port, stop } = await answering(answer);
      const opening = async (): Promise<unknown> => {
        const opened = await openClickHouseWarehouse({ url: `http://127.0.0.1:${port}`, user: 'vcos', password: 'x' });
        return opened.migrate().finally(() => opened.close());
      };
      const failure: unknown = await opening().catch((error: unknown) => error);
      stop();
      expect(failure).toMatchObject({ name: 'WarehouseUnavailableError', message: expect.stringMatching(told) });
    },
  );

  test('goal: https where there is http says so', async () => {
    const { port, stop } = await answering({ status: 200, body: '' });
    const opening = openClickHouseWarehouse({ url: `https://127.0.0.1:${port}`, user: 'vcos', password: 'x' });
    const failure: unknown = await opening.catch((error: unknown) => error);
    stop();
    expect(failure).toMatchObject({
      name: 'WarehouseUnavailableError',
      message: expect.stringMatching(/cannot be spoken to by TLS .*http:\/\/ in WAREHOUSE_URL/),
    });
  });
});

describe('ten processes that start together', () => {
  test('goal: each migration is applied once, and all see one warehouse', async () => {
    const empty = await startBridge(join(root, 'together'));
    const all = await Promise.all(Array.from({ length: 10 }, () => openClickHouseWarehouse(empty)));
    await Promise.all(all.map((each) => each.migrate()));
    const identities = await Promise.all(all.map((each) => each.identity()));
    expect(new Set(identities).size).toBe(1);
    const applied = await (all[0] as Warehouse).query<{ n: string }>(
      'SELECT version, count() AS n FROM platform.migrations GROUP BY version',
    );
    expect(applied.map(({ n }) => n)).toEqual(applied.map(() => '1'));
    await Promise.all(all.map((each) => each.close()));
    await empty.stop();
  });
});
