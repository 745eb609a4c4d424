import type { Warehouse } from '../../engines/warehouse/port.ts';
import { isoFromWarehouse, warehouseInstant } from '../../schema/warehouse/tables.ts';
import { combinedInterval } from './domain/combine.ts';
import { type Granularity, endOfPeriod } from './domain/periods.ts';
import type { TrendSeriesMapper } from './mappers.ts';

/** Points of one series; the newest are kept. */
const pointsMax = 2_000;

const periodOf: Readonly<Record<Granularity, string>> = {
  HOUR: 'toStartOfHour(window_start)',
  DAY: 'toStartOfDay(window_start)',
  WEEK: 'toStartOfWeek(window_start, 1)',
  MONTH: 'toStartOfMonth(window_start)',
};

export interface TrendQuery {
  readonly metric: string;
  readonly keys: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly granularity: Granularity;
}

interface Row {
  readonly key: string;
  readonly start: string;
  readonly total: string;
  readonly windows: number;
  readonly squares: number;
  readonly probability: number;
}

const farPast = '1970-01-01 00:00:00.000';
const farFuture = '2200-01-01 00:00:00.000';

/** Sums of released windows per key and period, in the order of time: one series per key asked for, also for those without points. */
export async function readTrend(warehouse: Warehouse, query: TrendQuery): Promise<readonly TrendSeriesMapper[]> {
  const { metric, keys, from, to, granularity } = query;
  const rows = await warehouse.query<Row>(
    `SELECT key, formatDateTime(toDateTime64(${periodOf[granularity]}, 3, 'UTC'), '%Y-%m-%d %H:%i:%S.000', 'UTC') AS start,
       toString(sum(value)) AS total, toUInt32(count()) AS windows,
       sum(pow(greatest(toFloat64(value) - toFloat64(low), toFloat64(high) - toFloat64(value)), 2)) AS squares, any(level) AS probability
     FROM (
       SELECT key, window_start, value, low, high, level FROM analytics.releases FINAL
       WHERE metric = {metric:String} AND key IN {keys:Array(String)}
         AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {to:DateTime64(3, 'UTC')}
     )
     GROUP BY key, start ORDER BY key, start DESC LIMIT ${pointsMax} BY key`,
    { metric, keys, from: from === null ? farPast : instantOf(from), to: to === null ? farFuture : instantOf(to) },
  );
  const byKey = Map.groupBy(rows, (row) => row.key);
  return keys.map((key) => ({ key, points: (byKey.get(key) ?? []).map((row) => pointOf(row, granularity)).reverse() }));
}

function instantOf(iso: string): string {
  return warehouseInstant(Date.parse(iso) * 1_000);
}

function pointOf(row: Row, granularity: Granularity): TrendSeriesMapper['points'][number] {
  const start = isoFromWarehouse(row.start);
  const value = BigInt(row.total);
  const { low, high } = combinedInterval({ value, halfWidthSquares: row.squares });
  return {
    start,
    end: endOfPeriod(start, granularity),
    value,
    low,
    high,
    level: row.probability,
    windows: row.windows,
    suppressed: false,
  };
}
