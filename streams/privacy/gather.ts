import { metricById } from '../../schema/metrics/catalogue.ts';
import { type StepContext, type StepResult, done, drop } from '../shared/step.ts';
import { dayUs, epochOf, floorTo, hourUs, padded } from './clock.ts';
import { type ActivityMessage, type Item, itemValueMax } from './contribution.ts';
import { isSealed } from './sealed-ranges.ts';
import { cells, epochs, marks } from './stores.ts';
import { noteDeed } from './wait-window.ts';

/** Cells of an account in an hour; what an account does beyond them counts nowhere. */
const cellsMax = 512;
const minuteUs = 60_000_000;

/** Takes up what an account did, unless its hour is closed. Reasons for leaving something out are counted, never published. */
export function gather(message: ActivityMessage, { state }: StepContext): StepResult<void> {
  const { domain, wallUs, account, present } = message;
  if (wallUs < (state.get(marks, domain)?.closedUs ?? -1)) return drop('LATE');
  const atUs = floorTo(wallUs, hourUs);
  if (isSealed(state, hourUs, atUs)) return drop('WINDOW_SEALED');
  if (state.get(epochs, epochOf(atUs)) !== undefined) return drop('EPOCH_CLOSED');
  noteDeed(message, state);
  const { items } = message;
  const fault = items.map(faultOf).find((reason) => reason !== null);
  const fit = items.filter((item) => faultOf(item) === null);
  if (fit.length === 0 && !present) return fault ? drop(fault) : done;
  const name = `${domain}|${padded(atUs)}|${account}`;
  const before = state.get(cells, name) ?? { counts: {}, minutes: [] };
  const counts: Record<string, number> = { ...before.counts };
  for (const [metric, key, value, subject] of fit) {
    const cell = JSON.stringify([metric, key, subject]);
    if (counts[cell] === undefined && Object.keys(counts).length >= cellsMax) return drop('TOO_MANY_CELLS');
    counts[cell] = Math.min(itemValueMax, (counts[cell] ?? 0) + value);
  }
  const minute = Math.floor((wallUs % dayUs) / minuteUs);
  const minutes = present && !before.minutes.includes(minute) ? [...before.minutes, minute] : [...before.minutes];
  state.put(cells, name, { counts, minutes });
  return fault && fit.length === 0 ? drop(fault) : done;
}

function faultOf([id, key]: Item): string | null {
  const metric = metricById.get(id);
  if (!metric) return 'UNKNOWN_METRIC';
  if (metric.keyVisibility === 'PRIVATE') return null;
  const known = metric.quantiles ? isBucket(key, metric.quantiles.edges.length - 1) : metric.keys.includes(key);
  return known ? null : 'UNKNOWN_KEY';
}

const isBucket = (key: string, buckets: number): boolean => /^\d{1,3}$/.test(key) && Number(key) < buckets;
