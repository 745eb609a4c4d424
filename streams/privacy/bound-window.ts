import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { type QuantileShape, pathOf } from '../../schema/metrics/quantile-tree.ts';
import { add, compare, formatRational, parseRational } from '../../schema/metrics/rational.ts';
import type { StateView } from '../shared/state.ts';
import { dayOf, dayUs, epochOf } from './clock.ts';
import { cellPriority } from './crypto/keyed-hash.ts';
import { type Cell, boundWindow } from './domain/bounding.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { lifetimes, used } from './stores.ts';

interface Window {
  readonly windowUs: number;
  readonly lengthUs: number;
  /** Who was at work in the window. */
  readonly acted: ReadonlySet<string>;
}

/** Sums per key of one window after bounding; remembers what accounts have used up of their day, and of their lifetime where that is limited. */
export function boundedSums(
  metric: DeclaredMetric,
  { windowUs, lengthUs, acted, cells }: Window & { readonly cells: readonly Cell[] },
  state: StateView,
  secrets: Pick<ReleaseSecrets, 'epochKey' | 'lifetimeRho'>,
): ReadonlyMap<string, number> {
  const isPayer =
    metric.principals === 2 && secrets.lifetimeRho
      ? payersOf(metric, [...acted, ...cells.map(({ account }) => account)], state, secrets)
      : null;
  if (cells.length === 0) return new Map();
  const day = dayOf(windowUs);
  // A day's window is the only one of its day: nothing has been used before it, nor will be after.
  const hasMore = lengthUs < dayUs;
  const usedOf = (account: string): number => (hasMore ? (state.get(used, `${day}|${account}`)?.[metric.id] ?? 0) : 0);
  const key = secrets.epochKey(epochOf(windowUs));
  const bounded = boundWindow(cells, {
    bounds: metric,
    usedBefore: usedOf,
    rank: (account, cell) =>
      cellPriority(key, { account, day, cell: `${metric.id}|${windowUs}|${JSON.stringify([cell.key, cell.subject])}` }),
    admits: isPayer ?? ((account) => usedOf(account) > 0 || affords(account, metric, state, secrets)),
  });
  if (!isPayer)
    for (const account of bounded.used.keys()) if (usedOf(account) === 0) charge(account, metric, state, secrets);
  if (hasMore) {
    for (const [account, count] of bounded.used) {
      const id = `${day}|${account}`;
      state.put(used, id, { ...state.get(used, id), [metric.id]: count });
    }
  }
  return metric.quantiles ? nodeSums(metric.quantiles, bounded.sums) : bounded.sums;
}

/** Buckets → every node above them. */
function nodeSums(shape: QuantileShape, buckets: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [bucket, value] of buckets)
    for (const node of pathOf(shape, Number(bucket))) sums.set(node, (sums.get(node) ?? 0) + value);
  return sums;
}

/**
 * Who counts on a day in a metric of two principals, as the one or as the other: with a lifetime filter, those of whom the day tells that they acted, and who can pay. They pay on each such day, whatever others did to them. What
 * an account has spent must follow from its own acts alone: else one account's acts would decide how long another one counts, in every metric, and nobody has paid for telling that.
 */
export function payersOf(
  metric: DeclaredMetric,
  acted: Iterable<string>,
  state: StateView,
  secrets: Pick<ReleaseSecrets, 'lifetimeRho'>,
): (account: string) => boolean {
  if (!secrets.lifetimeRho) return () => true;
  const payers = new Set([...new Set(acted)].filter((account) => affords(account, metric, state, secrets)));
  for (const account of payers) charge(account, metric, state, secrets);
  return (account) => payers.has(account);
}

/**
 * The lifetime filter: an account that would pass its limit counts no more (Feldman, Zrnic 2021: individual filters for zCDP). What is left to whom is private, like the activity that it tells of: it is in no
 * release, metric or error.
 */
function affords(
  account: string,
  metric: DeclaredMetric,
  state: StateView,
  { lifetimeRho }: Pick<ReleaseSecrets, 'lifetimeRho'>,
): boolean {
  if (!lifetimeRho) return true;
  return compare(add(parseRational(state.get(lifetimes, account) ?? '0'), metric.rho), lifetimeRho) <= 0;
}

/** The first cell of a day pays for all that the metric can take of that day. */
function charge(
  account: string,
  metric: DeclaredMetric,
  state: StateView,
  { lifetimeRho }: Pick<ReleaseSecrets, 'lifetimeRho'>,
): void {
  if (!lifetimeRho) return;
  const spent = parseRational(state.get(lifetimes, account) ?? '0');
  state.put(lifetimes, account, formatRational(add(spent, metric.rho)));
}
