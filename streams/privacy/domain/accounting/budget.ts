import { accountDayBudget } from '../../../../schema/metrics/metric.ts';
import {
  type Rational,
  add,
  compare,
  formatRational,
  parseRational,
  zero,
} from '../../../../schema/metrics/rational.ts';

/** What a mechanism costs one account-day: rho-zCDP, and a delta that is charged apart where keys are selected. */
export interface Cost {
  readonly rho: Rational;
  readonly delta: Rational;
}

export const noCost: Cost = { rho: zero, delta: zero };

/** What all metrics together may cost one account-day: epsilon 0.565 a day, 1.56 a week, 3.37 in 30 days at delta 1e-9. */
export const dailyBudget: Cost = { rho: accountDayBudget, delta: parseRational('1/10000000000') };

export type Spending =
  { readonly kind: 'within'; readonly spent: Cost } | { readonly kind: 'refused'; readonly reason: string };

/** The budget filter: adds a charge to what is spent unless that would pass the limit, by however little. Charges are never negative. */
export function spend(charge: Cost, account: { readonly limit: Cost; readonly spent: Cost }): Spending {
  for (const part of ['rho', 'delta'] as const) {
    const [limit, spent, more] = [account.limit[part], account.spent[part], charge[part]];
    if (compare(more, zero) < 0) return { kind: 'refused', reason: `${part}: a charge cannot be negative` };
    if (compare(add(spent, more), limit) <= 0) continue;
    const [a, b, c] = [more, limit, spent].map(formatRational) as [string, string, string];
    return { kind: 'refused', reason: `${part}: ${a} does not fit into a budget of ${b} of which ${c} is spent` };
  }
  const spent = { rho: add(account.spent.rho, charge.rho), delta: add(account.spent.delta, charge.delta) };
  return { kind: 'within', spent };
}
