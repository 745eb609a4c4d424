import { metricById } from '../../schema/metrics/catalogue.ts';
import { sessionMinutes } from '../../schema/metrics/declared/activity.ts';
import { bucketOf } from '../../schema/metrics/quantile-tree.ts';
import type { StateView } from '../shared/state.ts';
import { dayUs, hourUs, padded } from './clock.ts';
import type { Cell } from './domain/bounding.ts';
import { longestSession } from './domain/sessions.ts';
import { cells } from './stores.ts';

interface Window {
  readonly domain: string;
  readonly windowUs: number;
  readonly lengthUs: number;
}

/** What one account did in a window: sums by the JSON of metric, key and subject, and the minutes at which it was at work. */
interface Done {
  readonly sums: Map<string, number>;
  readonly minutes: number[];
}

interface Found {
  /** By metric of the window’s length. */
  readonly cells: ReadonlyMap<string, readonly Cell[]>;
  /** Who was at work. */
  readonly acted: ReadonlySet<string>;
}

/** All that accounts did in a window: hours are summed up. Read once for all metrics of that length. */
export function readWindow(state: StateView, window: Window): Found {
  const { lengthUs } = window;
  const found = new Map<string, Cell[]>();
  const add = (metric: string, cell: Cell): void => {
    const list = found.get(metric);
    if (list) list.push(cell);
    else found.set(metric, [cell]);
  };
  const acted = new Set<string>();
  const places = new Map<string, Place | null>();
  for (const [account, { sums, minutes }] of doneIn(state, window)) {
    if (minutes.length > 0) acted.add(account);
    for (const [what, value] of sums) {
      let place = places.get(what);
      if (place === undefined) places.set(what, (place = placeOf(what, lengthUs)));
      if (place) add(place.metric, { account, key: place.key, value, subject: place.subject });
    }
    const { quantiles } = sessionMinutes;
    if (lengthUs === dayUs && minutes.length > 0 && quantiles)
      add(sessionMinutes.id, {
        account,
        key: String(bucketOf(quantiles, longestSession(minutes))),
        value: 1,
        subject: null,
      });
  }
  return { cells: found, acted };
}

function doneIn(state: StateView, { domain, windowUs, lengthUs }: Window): ReadonlyMap<string, Done> {
  const done = new Map<string, Done>();
  for (let at = windowUs; at < windowUs + lengthUs; at += hourUs) {
    const prefix = `${domain}|${padded(at)}|`;
    for (const [name, entry] of state.entries(cells, prefix)) {
      const account = name.slice(prefix.length);
      const { sums, minutes } = done.get(account) ?? { sums: new Map<string, number>(), minutes: [] };
      for (const what in entry.counts) sums.set(what, (sums.get(what) ?? 0) + (entry.counts[what] ?? 0));
      minutes.push(...entry.minutes);
      done.set(account, { sums, minutes });
    }
  }
  return done;
}

interface Place {
  readonly metric: string;
  readonly key: string;
  readonly subject: string | null;
}

/** Null for metrics with windows of another length. */
function placeOf(what: string, lengthUs: number): Place | null {
  const [metric, key, subject] = JSON.parse(what) as [string, string, string | null];
  const seconds = metricById.get(metric)?.windowSeconds ?? 0;
  return seconds * 1_000_000 === lengthUs ? { metric, key, subject } : null;
}
