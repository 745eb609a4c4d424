import { sessionMinutes } from '../../schema/metrics/declared/activity.ts';
import { bucketOf } from '../../schema/metrics/quantile-tree.ts';
import type { StateView } from '../shared/state.ts';
import { dayUs, hourUs, padded } from './clock.ts';
import type { Cell } from './domain/bounding.ts';
import { longestSession } from './domain/sessions.ts';
import { cells } from './stores.ts';

/** All that accounts did in a window, by metric: hours are summed up. Read once for all metrics of a length. */
export function readWindow(
  state: StateView,
  { domain, windowUs, lengthUs }: { domain: string; windowUs: number; lengthUs: number },
): ReadonlyMap<string, readonly Cell[]> {
  const sums = new Map<string, number>();
  const minutes = new Map<string, number[]>();
  for (let at = windowUs; at < windowUs + lengthUs; at += hourUs) {
    const prefix = `${domain}|${padded(at)}|`;
    for (const [name, entry] of state.entries(cells, prefix)) {
      const account = name.slice(prefix.length);
      for (const [what, value] of Object.entries(entry.counts)) {
        const id = JSON.stringify([account, what]);
        sums.set(id, (sums.get(id) ?? 0) + value);
      }
      if (lengthUs === dayUs && entry.minutes.length > 0)
        minutes.set(account, [...(minutes.get(account) ?? []), ...entry.minutes]);
    }
  }
  const found = new Map<string, Cell[]>();
  const add = (metric: string, cell: Cell): void => {
    const list = found.get(metric);
    if (list) list.push(cell);
    else found.set(metric, [cell]);
  };
  for (const [id, value] of sums) {
    const [account, what] = JSON.parse(id) as [string, string];
    const [metric, key, subject] = JSON.parse(what) as [string, string, string | null];
    add(metric, { account, key, value, subject });
  }
  for (const [account, active] of minutes) {
    const { quantiles } = sessionMinutes;
    if (quantiles)
      add(sessionMinutes.id, {
        account,
        key: String(bucketOf(quantiles, longestSession(active))),
        value: 1,
        subject: null,
      });
  }
  return found;
}
