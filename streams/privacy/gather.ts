import { metricById } from '../../schema/metrics/catalogue.ts';
import { invitationToJointWork } from '../../schema/metrics/declared/together.ts';
import { bucketOf } from '../../schema/metrics/quantile-tree.ts';
import { type StepContext, type StepResult, done, drop } from '../shared/step.ts';
import { dayUs, epochOf, floorTo, hourUs, padded } from './clock.ts';
import { type ActivityMessage, type Item, itemValueMax } from './contribution.ts';
import { isSealed } from './sealed-ranges.ts';
import { cells, epochs, invitations, marks } from './stores.ts';

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
  const items = [...message.items, ...waited(message, state)];
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

/** The time from an invitation to the first joint work of the two, whoever of them invited. */
function waited({ domain, account, wallUs, pair }: ActivityMessage, state: StepContext['state']): readonly Item[] {
  if (!pair) return [];
  const id = `${domain}|${JSON.stringify([account, pair.other].sort())}`;
  const invitedUs = state.get(invitations, id);
  if (pair.phase === 'INVITED') {
    if (invitedUs === undefined) state.put(invitations, id, wallUs);
    return [];
  }
  const shape = invitationToJointWork.quantiles;
  if (invitedUs === undefined || !shape) return [];
  state.remove(invitations, id);
  return [[invitationToJointWork.id, String(bucketOf(shape, (wallUs - invitedUs) / hourUs)), 1, pair.other]];
}
