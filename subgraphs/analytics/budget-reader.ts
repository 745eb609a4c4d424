import type { Warehouse } from '../../engines/warehouse/port.ts';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { epsilonOf } from '../../schema/metrics/epsilon.ts';
import { accountDayBudget } from '../../schema/metrics/metric.ts';
import {
  type Rational,
  add,
  compare,
  formatRational,
  multiply,
  parseRational,
  rational,
  subtract,
  zero,
} from '../../schema/metrics/rational.ts';
import type { MetricBudgetMapper } from './mappers.ts';

/** The delta at which every epsilon is told. */
export const toldDelta = 1e-9;

export interface Cost {
  readonly rho: string;
  readonly epsilon: number;
}

export const costOf = (rho: Rational): Cost => ({
  rho: formatRational(rho),
  epsilon: compare(rho, zero) > 0 ? epsilonOf(rho, toldDelta) : 0,
});

interface Charge {
  readonly day: string;
  readonly metric: string;
  readonly rho: string;
  readonly delta: string;
}

interface Root {
  readonly day: string;
  readonly seq: string;
  readonly hash: string;
  readonly signature: string;
  readonly publicKey: string;
}

const sumOf = (charges: readonly Charge[], part: 'rho' | 'delta' = 'rho'): Rational =>
  charges.map((charge) => parseRational(charge[part])).reduce(add, zero);

const dayMs = 86_400_000;
const daysBefore = (day: string, days: number): string =>
  new Date(Date.parse(day) - days * dayMs).toISOString().slice(0, 10);

/** All that the ledger charges up to the end of a day. Charges of a metric are the same every day, so there are few to add. */
async function chargedUntil(warehouse: Warehouse, day: string): Promise<Rational> {
  const charges = await warehouse.query<{ rho: string; times: string }>(
    `SELECT rho, toString(count()) AS times FROM analytics.ledger FINAL
     WHERE state = 'reserved' AND rho != '0' AND day <= {day:String} GROUP BY rho`,
    { day },
  );
  return charges.map(({ rho, times }) => multiply(parseRational(rho), rational(BigInt(times)))).reduce(add, zero);
}

/** What the ledger charges to a day and to the time before it; the newest day where none is given. */
export async function readBudget(warehouse: Warehouse, asked: string | null) {
  const [head] = await warehouse.query<{ newest: string; rows: string }>(
    'SELECT max(day) AS newest, toString(count()) AS rows FROM analytics.ledger FINAL',
  );
  const day = asked ?? head?.newest ?? '';
  const charges =
    day === ''
      ? []
      : await warehouse.query<Charge>(
          `SELECT day, splitByChar('|', releaseId)[1] AS metric, rho, delta FROM analytics.ledger FINAL
           WHERE state = 'reserved' AND (rho != '0' OR delta != '0') AND day > {from:String} AND day <= {day:String}`,
          { from: daysBefore(day, 365), day },
        );
  const [root] = await warehouse.query<Root>(
    'SELECT day, toString(seq) AS seq, hash, signature, publicKey FROM analytics.ledger_roots FINAL ORDER BY ledger_roots.seq DESC, day DESC LIMIT 1',
  );
  const ofDay = charges.filter((charge) => charge.day === day);
  const charged = new Set(ofDay.map(({ metric }) => metric));
  const spent = sumOf(ofDay);
  return {
    day: day === '' ? null : day,
    delta: toldDelta,
    limit: costOf(accountDayBudget),
    spent: costOf(spent),
    left: costOf(subtract(accountDayBudget, spent)),
    last30Days: costOf(sumOf(charges.filter((charge) => charge.day > daysBefore(day, 30)))),
    last365Days: costOf(sumOf(charges)),
    lifetime: costOf(await chargedUntil(warehouse, day)),
    selectionDelta: formatRational(sumOf(ofDay, 'delta')),
    metrics: metrics.map((metric): MetricBudgetMapper => ({ metric, charged: charged.has(metric.id) })),
    ledgerRows: BigInt(head?.rows ?? '0'),
    root: root ? { ...root, seq: BigInt(root.seq) } : null,
  };
}
