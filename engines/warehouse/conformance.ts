import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { InvalidRowError, type QueryParameter, type Warehouse, WarehouseUnavailableError } from './port.ts';

type StatusRow = RowOf<'platform.canon_status'>;

function statusRow(change: Partial<StatusRow> = {}): StatusRow {
  return {
    event_id: 'e1',
    seq: 0,
    status: 'PROVISIONAL',
    reason: 'r',
    decider: 'd',
    contradiction: null,
    moved_at: '2024-02-29 23:59:59.999',
    ...change,
  };
}

/** A row that breaks the rules in one place. */
function broken(change: Record<string, unknown>): StatusRow {
  return Object.assign(statusRow(), change);
}

const texts = [
  "it's",
  '\\',
  "\\'; DROP TABLE platform.canon_status; --",
  '{x:String}',
  'tab\tnew\nline\r\0',
  'é漢😀',
  '',
  '\\N',
  'NULL',
  '${a}',
  '`"',
];

const parameters: readonly (readonly [type: string, given: QueryParameter, back: unknown])[] = [
  ...texts.map((text) => ['String', text, text] as const),
  ['Array(String)', texts, texts],
  ['Array(String)', [], []],
  ['Array(UInt32)', [1, 2, 4_294_967_295], [1, 2, 4_294_967_295]],
  ['UInt64', '9007199254740993', '9007199254740993'],
  ['Int64', '-9223372036854775808', '-9223372036854775808'],
  ['UInt8', 255, 255],
  ['Float64', -0.1, -0.1],
  ['Bool', true, true],
  ['Bool', false, false],
  ['Nullable(String)', null, null],
  ['Nullable(String)', 'NULL', 'NULL'],
  ["DateTime64(3, 'UTC')", '2024-02-29 23:59:59.999', '2024-02-29 23:59:59.999'],
];

/** The warehouse under test. */
class Subject {
  warehouse!: Warehouse;
  readonly open: () => Promise<Warehouse>;

  constructor(open: () => Promise<Warehouse>) {
    this.open = open;
  }

  async reopen(): Promise<void> {
    await this.warehouse.close();
    this.warehouse = await this.open();
  }

  /** Status rows that fulfil a condition. */
  async count(where: string): Promise<number> {
    const [row] = await this.warehouse.query<{ n: string }>(
      `SELECT count() AS n FROM platform.canon_status WHERE ${where}`,
    );
    return Number(row?.n);
  }
}

function storing(subject: Subject): void {
  test('goal: migrating again, at once and after a restart, changes nothing', async () => {
    const identity = await subject.warehouse.identity();
    await subject.warehouse.insert('platform.canon_status', [statusRow({ event_id: 'kept' })], 't:0:0-0');
    await Promise.all([subject.warehouse.migrate(), subject.warehouse.migrate()]);
    await subject.reopen();
    await subject.warehouse.migrate();
    expect(await subject.count("event_id = 'kept'")).toBe(1);
    expect(await subject.warehouse.identity()).toBe(identity);
    expect(
      await subject.warehouse.query(
        'SELECT version, count() AS n FROM platform.migrations WHERE version = 1 GROUP BY version',
      ),
    ).toEqual([{ version: 1, n: '1' }]);
  });

  test('goal: a token is taken once, in this process and the next, and other tokens are not touched', async () => {
    const rows = [
      statusRow({ event_id: 'once', seq: 0 }),
      statusRow({ event_id: 'once', seq: 1, contradiction: 'STATE' }),
    ];
    await subject.warehouse.insert('platform.canon_status', rows, 'topic:0:10-11');
    await subject.warehouse.insert('platform.canon_status', rows, 'topic:0:10-11');
    expect(await subject.count("event_id = 'once'")).toBe(2);
    await subject.reopen();
    await subject.warehouse.insert('platform.canon_status', rows, 'topic:0:10-11');
    expect(await subject.count("event_id = 'once'")).toBe(2);
    await subject.warehouse.insert('platform.canon_status', [statusRow({ event_id: 'once', seq: 2 })], 'topic:0:12-12');
    await subject.warehouse.insert('platform.canon_status', [statusRow({ event_id: 'once', seq: 3 })], 'topic:1:12-12');
    expect(await subject.count("event_id = 'once'")).toBe(4);
  });

  test.each([
    [broken({ seq: -1 }), 'seq'],
    [broken({ seq: 4_294_967_296 }), 'seq'],
    [broken({ seq: '1' }), 'seq'],
    [broken({ status: 'ELSEWHERE' }), 'status'],
    [broken({ moved_at: '2024-02-30 00:00:00.000' }), 'moved_at'],
    [broken({ moved_at: '2400-01-01 00:00:00.000' }), 'moved_at'],
    [broken({ unknown: 1 }), 'unknown'],
    [broken({ reason: undefined }), 'reason'],
    [broken({ reason: 'half a pair: \udc00' }), 'reason'],
  ])('goal: a row that does not fit stores nothing and names its field: %#', async (row, field) => {
    const insert = subject.warehouse.insert(
      'platform.canon_status',
      [statusRow({ event_id: 'beside' }), row],
      `bad:${field}`,
    );
    await expect(insert).rejects.toMatchObject({
      name: 'InvalidRowError',
      message: expect.stringMatching(new RegExp(`row 1 .*platform\\.canon_status.*${field}`)),
    });
    expect(await subject.count("event_id = 'beside'")).toBe(0);
  });

  test('goal: no rows is no insert, and a token that could end its literal is refused', async () => {
    await subject.warehouse.insert('platform.canon_status', [], 'empty');
    await expect(subject.warehouse.insert('platform.canon_status', [statusRow()], "x', a='")).rejects.toThrow(
      RangeError,
    );
  });
}

function asking(subject: Subject): void {
  test.each(parameters)('goal: a parameter comes back as it was given: %s %j', async (type, given, back) => {
    expect(await subject.warehouse.query(`SELECT {p:${type}} AS p`, { p: given })).toEqual([{ p: back }]);
  });

  test('goal: some thousands of ids are a parameter like any other, though they travel in the address of a request', async () => {
    const ids = Array.from({ length: 3_000 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`);
    expect(await subject.warehouse.query('SELECT {p:Array(String)} AS p', { p: ids })).toEqual([{ p: ids }]);
  });

  test('goal: every text survives being stored', async () => {
    await subject.warehouse.insert(
      'platform.canon_status',
      texts.map((reason, seq) => statusRow({ event_id: 'texts', seq, reason })),
      'texts:0:0-1',
    );
    const rows = await subject.warehouse.query<{ reason: string }>(
      "SELECT reason FROM platform.canon_status WHERE event_id = 'texts' ORDER BY seq",
    );
    expect(rows.map(({ reason }) => reason)).toEqual(texts);
  });

  test('goal: 64-bit integers keep every digit', async () => {
    expect(
      await subject.warehouse.query('SELECT toUInt64(9007199254740993) AS u, toInt64(-9007199254740993) AS i'),
    ).toEqual([{ u: '9007199254740993', i: '-9007199254740993' }]);
  });

  test('goal: many queries at once each get their own answer, beside inserts', async () => {
    const ask = async (n: number): Promise<void> => {
      const sql = n % 2 === 0 ? `SELECT ${n} AS n` : 'SELECT {n:UInt32} AS n';
      expect(await subject.warehouse.query(sql, n % 2 === 0 ? {} : { n })).toEqual([{ n }]);
      if (n % 10 === 0)
        await subject.warehouse.insert(
          'platform.canon_status',
          [statusRow({ event_id: 'parallel', seq: n })],
          `parallel:0:${n}-${n}`,
        );
    };
    await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)));
    expect(await subject.count("event_id = 'parallel'")).toBe(6);
  });
}

function failing(subject: Subject): void {
  test('goal: a mistake in the text is told apart from an outage', async () => {
    await expect(subject.warehouse.query('SELECT 1 FROM platform.nothing')).rejects.toMatchObject({
      name: 'WarehouseQueryError',
      message: expect.stringContaining('UNKNOWN_TABLE'),
    });
    await expect(subject.warehouse.query('SELECT {missing:String}')).rejects.toMatchObject({
      name: 'WarehouseQueryError',
    });
    await subject.warehouse.ping();
  });

  test('goal: a closed warehouse says that it is unavailable, after what was under way has ended', async () => {
    const underWay = subject.warehouse.query<{ n: number }>('SELECT sleep(0.05) AS s, 7 AS n');
    await subject.warehouse.close();
    expect(await underWay).toMatchObject([{ n: 7 }]);
    await expect(subject.warehouse.ping()).rejects.toMatchObject({ name: 'WarehouseUnavailableError' });
    await expect(subject.warehouse.query('SELECT 1')).rejects.toBeInstanceOf(WarehouseUnavailableError);
    await expect(subject.warehouse.insert('platform.canon_status', [broken({ seq: -1 })], 'x')).rejects.toBeInstanceOf(
      InvalidRowError,
    );
    await subject.warehouse.close();
  });
}

/** What every adapter of the port does. `open` opens the same warehouse again after `close`, and begins with an empty one. */
export function warehouseConformance(name: string, open: () => Promise<Warehouse>): void {
  describe(`warehouse: ${name}`, () => {
    const subject = new Subject(open);
    beforeAll(async () => {
      subject.warehouse = await open();
      await subject.warehouse.migrate();
    });
    afterAll(() => subject.warehouse.close());

    storing(subject);
    asking(subject);
    failing(subject);
  });
}
