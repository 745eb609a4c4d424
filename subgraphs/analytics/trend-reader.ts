import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import { combinedInterval } from './domain/combine.ts';
import { type Granularity, endOfPeriod } from './domain/periods.ts';
import type { KeyTotalMapper, TrendSeriesMapper } from './mappers.ts';
import { type Times, instantsOf } from './times.ts';

/** Points of one series; the newest are kept. */
const pointsMax = 2_000;
/** Points of all series of an answer. */
const rowsMax = 100_000;
/** Keys of totals. */
const keysMax = 1_000;

const periodOf: Readonly<Record<Granularity, string>> = {
  HOUR: 'toStartOfHour(window_start)',
  DAY: 'toStartOfDay(window_start)',
  WEEK: 'toStartOfWeek(window_start, 1)',
  MONTH: 'toStartOfMonth(window_start)',
};

export interface TrendQuery extends Times {
  readonly metric: DeclaredMetric;
  /** Null for all that were released. */
  readonly keys: readonly string[] | null;
  readonly granularity: Granularity;
}

interface Row {
  readonly key: string;
  readonly start: string;
  readonly total: string;
  readonly windows: number;
  readonly spreads: number;
  readonly probability: number;
}

/** What was released of a metric between two instants, one row per release. */
const releasesSql = `SELECT key, window_start, value, low, high, level FROM analytics.releases FINAL
   WHERE metric = {metric:String} AND (empty({keys:Array(String)}) OR key IN {keys:Array(String)})
     AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {to:DateTime64(3, 'UTC')}`;

type Range = Omit<TrendQuery, 'granularity'>;

const parametersOf = ({ metric, keys, ...times }: Range) => ({
  metric: metric.id,
  keys: keys ?? [],
  ...instantsOf(times),
});

/** Windows add up, values and variances; running totals hold what lies before them already, so the newest stands for its period. */
function combining(metric: DeclaredMetric): { readonly value: string; readonly spreads: string } {
  // `spread` of a window, in SQL.
  const spread = 'pow(greatest(toFloat64(value) - toFloat64(low), toFloat64(high) - toFloat64(value)) + 0.5, 2)';
  if (metric.horizon === undefined) return { value: 'sum(value)', spreads: `sum(${spread})` };
  return { value: 'argMax(value, window_start)', spreads: `argMax(${spread}, window_start)` };
}

/** Sums of released windows per key and period, in the order of time: one series per key asked for, also for those without points. */
export async function readTrend(warehouse: Warehouse, query: TrendQuery): Promise<readonly TrendSeriesMapper[]> {
  const { metric, keys, granularity } = query;
  const { value, spreads } = combining(metric);
  const rows = await warehouse.query<Row>(
    `SELECT key, formatDateTime(toDateTime64(${periodOf[granularity]}, 3, 'UTC'), '%Y-%m-%d %H:%i:%S.000', 'UTC') AS start,
       toString(${value}) AS total, toUInt32(count()) AS windows, ${spreads} AS spreads, any(level) AS probability
     FROM (${releasesSql}) GROUP BY key, start ORDER BY key, start DESC LIMIT ${pointsMax} BY key LIMIT ${rowsMax}`,
    parametersOf(query),
  );
  const byKey = Map.groupBy(rows, (row) => row.key);
  return (keys ?? [...byKey.keys()]).map((key) => ({
    key,
    points: (byKey.get(key) ?? []).map((row) => pointOf(row, granularity)).reverse(),
  }));
}

/** Totals per key over the whole time, largest first. */
export async function readTotals(warehouse: Warehouse, range: Range): Promise<readonly KeyTotalMapper[]> {
  const { value, spreads } = combining(range.metric);
  const rows = await warehouse.query<Omit<Row, 'start'>>(
    `SELECT key, toString(${value} AS amount) AS total, toUInt32(count()) AS windows, ${spreads} AS spreads, any(level) AS probability
     FROM (${releasesSql}) GROUP BY key ORDER BY amount DESC, key LIMIT ${keysMax}`,
    parametersOf(range),
  );
  return rows.map((row) => ({ key: row.key, ...amountOf(row) }));
}

function pointOf(row: Row, granularity: Granularity): TrendSeriesMapper['points'][number] {
  const start = isoFromWarehouse(row.start);
  return { start, end: endOfPeriod(start, granularity), ...amountOf(row) };
}

function amountOf(row: Omit<Row, 'start'>): Omit<KeyTotalMapper, 'key'> {
  const value = BigInt(row.total);
  const { low, high } = combinedInterval({ value, spreads: row.spreads });
  return { value, low, high, level: row.probability, windows: row.windows, suppressed: false };
}
