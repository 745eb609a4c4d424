import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createStageRegistry } from '../../composition/stage-metrics.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { createMetrics } from '../../gateway/http/metrics.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';

interface Target {
  readonly datasource: { readonly uid: string };
  readonly rawSql?: string;
  readonly expr?: string;
}
interface Dashboard {
  readonly uid: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string; readonly datasource: { uid: string } }[];
  };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly Target[];
    readonly fieldConfig: { readonly overrides: readonly Override[] };
  }[];
}
interface Override {
  readonly matcher: { readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

const folder = import.meta.dirname;
const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
const dashboardOf = async (name: string): Promise<Dashboard> =>
  JSON.parse(await read(`dashboards/${name}`)) as Dashboard;

let dashboards: readonly Dashboard[];
let trends: Dashboard;
beforeAll(async () => {
  dashboards = await Promise.all((await readdir(join(folder, 'dashboards'))).map(dashboardOf));
  trends = await dashboardOf('private-trends.json');
});

const targets = (): readonly Target[] => dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.targets));

/** Every text that Grafana sends to ClickHouse: of panels and of variables. */
const statements = (): readonly string[] => [
  ...targets().flatMap(({ rawSql }) => rawSql ?? []),
  ...dashboards.flatMap(({ templating }) => templating.list.map(({ query }) => query)),
];

const from = Date.UTC(2026, 0, 1) / 1_000;
const to = Date.UTC(2026, 0, 3) / 1_000;

/** What Grafana and its ClickHouse plugin put in the place of variables and macros. */
function substituted(sql: string, variables: Readonly<Record<string, readonly string[]>>): string {
  const text = sql
    .replaceAll(/\$\{(\w+):singlequote\}/g, (_, name: string) => {
      const values = variables[name];
      if (values === undefined) throw new Error(`no variable ${name}`);
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',');
    })
    .replaceAll(/\$__timeFilter\(([\w.]+)\)/g, `$1 >= toDateTime(${from}) AND $1 <= toDateTime(${to})`);
  if (text.includes('$')) throw new Error(`nobody replaces what is left in: ${text}`);
  return text;
}

const metric = 'activity-by-kind-hour';
const row = (key: string, window_start: string, value: number) => ({
  release_id: `${key} ${window_start}`,
  metric,
  schema_hash: 'a'.repeat(64),
  window_start,
  window_end: window_start.replace(':00:00.000', ':59:59.999'),
  key,
  value,
  level: 0.95,
  low: value - 40,
  high: value + 40,
  sigma2: '417',
  rho: '3/2500',
  sealed_at: window_start,
  ledger_seq: 1,
  ledger_hash: 'b'.repeat(64),
});

describe('private trends', () => {
  let path: string;
  let warehouse: Warehouse;
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'vcos-test-grafana-'));
    warehouse = await openChdbWarehouse({ path: join(path, 'warehouse') });
    await warehouse.migrate();
    const rows = [
      row('POST', '2026-01-01 10:00:00.000', 100),
      row('POST', '2026-01-01 11:00:00.000', -3),
      row('SPACE', '2026-01-01 10:00:00.000', 55),
      // It is after the time that the dashboard shows.
      row('POST', '2026-02-01 10:00:00.000', 999),
    ];
    await warehouse.insert('analytics.releases', rows, 'a');
    // The same releases a second time, as after a crash of the sink: FINAL counts them once.
    await warehouse.insert('analytics.releases', rows, 'b');
  });
  afterAll(async () => {
    await warehouse.close();
    await rm(path, { recursive: true, force: true });
  });

  const ask = (sql: string, variables: Readonly<Record<string, readonly string[]>>) =>
    warehouse.query<Record<string, unknown>>(substituted(sql, variables));
  const rawSqlOf = (id: number): string =>
    trends.panels.find((panel) => panel.id === id)?.targets[0]?.rawSql ?? `there is no panel ${id}`;

  test('goal: a panel per key draws value and band, each release once, within the time shown', async () => {
    const rows = await ask(rawSqlOf(1), { metric: [metric], key: ['POST'] });
    expect(rows.map(({ time, ...rest }) => ({ time: isoFromWarehouse(time as string).slice(0, 16), ...rest }))).toEqual(
      [
        { time: '2026-01-01T10:00', value: 100, low: 60, high: 140 },
        { time: '2026-01-01T11:00', value: -3, low: -43, high: 37 },
      ],
    );
    const panel = trends.panels.find(({ id }) => id === 1);
    const high = panel?.fieldConfig.overrides.find(({ matcher }) => matcher.options === 'high');
    expect(high?.properties).toContainEqual({ id: 'custom.fillBelowTo', value: 'low' });
    const columns = Object.keys(rows[0] ?? {});
    for (const { matcher } of panel?.fieldConfig.overrides ?? []) expect(columns).toContain(matcher.options);
  });

  test('goal: the tables hold what can be verified, and totals with the root of summed squares', async () => {
    const variables = { metric: [metric], key: ['POST', 'SPACE'] };
    const newest = await ask(rawSqlOf(2), variables);
    expect(newest.map(({ key, value, rho }) => [key, value, rho])).toEqual([
      ['POST', '-3', '3/2500'],
      ['POST', '100', '3/2500'],
      ['SPACE', '55', '3/2500'],
    ]);
    expect(await ask(rawSqlOf(3), variables)).toEqual([
      { key: 'POST', total: '97', plus_minus: 57, windows: '2' },
      { key: 'SPACE', total: '55', plus_minus: 40, windows: '1' },
    ]);
  });

  test('goal: the variables offer what was released; a hostile name stays a name', async () => {
    const [metrics, keys] = trends.templating.list;
    expect(await ask(metrics?.query ?? '', {})).toEqual([{ metric }]);
    expect(await ask(keys?.query ?? '', { metric: [metric] })).toEqual([{ key: 'POST' }, { key: 'SPACE' }]);
    expect(await ask(keys?.query ?? '', { metric: ["x' OR 1 = 1 --"] })).toEqual([]);
  });

  test('goal: every statement of every dashboard runs', async () => {
    expect(statements()).toHaveLength(5);
    for (const sql of statements()) expect(await ask(sql, { metric: [metric], key: ['POST'] })).not.toEqual([]);
  });

  test('goal: no statement names a database but analytics, and the data source logs in as the user who may read it alone', async () => {
    for (const sql of statements())
      expect([...sql.matchAll(/\b(?:FROM|JOIN)\s+(\S+)/gi)].map((match) => match[1])).toEqual(['analytics.releases']);
    const source = await read('provisioning/datasources/clickhouse.yaml');
    expect(/username: (\S+)/.exec(source)?.[1]).toBe('analyst');
    const users = await readFile(join(folder, '../clickhouse/users.d/analyst.xml'), 'utf8');
    const grants = [...users.matchAll(/<query>(.*?)<\/query>/g)].map((match) => match[1]);
    expect(grants).toEqual(['GRANT SELECT ON analytics.*']);
    expect(users).toMatch(/<readonly>2<\/readonly>/);
    expect(users).toMatch(/<password from_env="CLICKHOUSE_ANALYST_PASSWORD"\/>/);
    // ClickHouse itself reads the grant as it stands, but for whom: that is the element around it.
    expect(await warehouse.query(`SELECT formatQuerySingleLine('${grants[0]} TO analyst') AS sql`)).toEqual([
      { sql: `${grants[0]} TO analyst` },
    ]);
  });
});

describe('streams and gateway', () => {
  /** Names as Prometheus stores them; a histogram is three of them. */
  async function exported(): Promise<ReadonlySet<string>> {
    const streams = createStageRegistry();
    streams.watchOutbox({ depth: async () => ({ records: 0, ageMs: 0 }) });
    streams.watchWarehouse({ query: async () => [] });
    const { registry } = createMetrics({ transports: () => ({}), revocations: () => 0 });
    const text = `${await registry.metrics()}${await streams.text()}`;
    return new Set(
      [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', kind]) =>
        kind === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name],
      ),
    );
  }

  test('goal: every metric that is drawn is one that the code exports; `up` is Prometheus’ own', async () => {
    const names = await exported();
    const drawn = targets().flatMap(({ expr = '' }) => expr.match(/\b(?:vcos|process|nodejs)_\w+|\bup\b/g) ?? []);
    expect(drawn.length).toBeGreaterThan(14);
    expect(drawn.filter((name) => name !== 'up' && !names.has(name))).toEqual([]);
    for (const { expr } of targets().filter((target) => target.expr !== undefined))
      expect(expr).toMatch(/\b(vcos|process|nodejs)_\w+|\bup\b/);
  });

  test('goal: lag, outbox, dead letters and the gateway’s requests, latency and circuits are all there', () => {
    const all = targets()
      .map(({ expr = '' }) => expr)
      .join('\n');
    for (const name of [
      'vcos_stream_lag_records',
      'vcos_outbox_depth_records',
      'vcos_outbox_age_seconds',
      'vcos_stream_dead_letters_total',
      'vcos_stream_duplicates_total',
      'vcos_warehouse_duplicate_blocks',
      'vcos_gateway_operation_duration_seconds_count',
      'vcos_gateway_operation_duration_seconds_bucket',
      'vcos_gateway_subgraph_circuit',
    ])
      expect(all).toContain(name);
  });

  test('goal: every data source that a dashboard asks is provisioned', async () => {
    const files = await readdir(join(folder, 'provisioning/datasources'));
    const texts = await Promise.all(files.map((file) => read(`provisioning/datasources/${file}`)));
    const uids = texts.map((text) => /uid: (\S+)/.exec(text)?.[1]);
    const asked = [...targets(), ...trends.templating.list].map(({ datasource }) => datasource.uid);
    expect(new Set(asked)).toEqual(new Set(uids));
  });
});
