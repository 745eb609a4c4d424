import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
