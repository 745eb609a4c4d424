import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import type { Tick } from '../../schema/events/tick.ts';
import { clockDomain } from '../../schema/hlc.ts';
import { activityByKindHour } from '../../schema/metrics/activity-by-kind-hour.ts';
import { type Step, done, drop, ok } from '../shared/step.ts';
import { activityOf } from './activity.ts';
import type { ContributionMessage } from './contribution.ts';
import { ticks } from './stores.ts';

export type Activity =
  { readonly kind: 'event'; readonly event: KnownEvent } | { readonly kind: 'tick'; readonly tick: Tick };

/** What cannot be decoded is canon's to put aside: one dead letter is enough. */
export const decodeActivity: Step<LogRecord, Activity> = (record) => {
  const decoded = decodeEventRecord(record.value);
  return decoded.kind === 'undecodable' ? drop('UNDECODABLE') : ok(decoded);
};

/** Passes ticks on, and turns events into contributions. Lateness is judged here, against the ticks of the event's own partition, so that it does not depend on how partitions are interleaved. */
export const findContributions: Step<Activity, void, 'privacyContributions'> = (activity, { state, emit, record }) => {
  const send = (message: ContributionMessage): void =>
    emit('privacyContributions', { key: message.domain, id: `${record.partition}:${record.offset}`, value: message });
  if (activity.kind === 'tick') {
    const { tick: domain, wallUs } = activity.tick;
    if (wallUs <= (state.get(ticks, domain) ?? -1)) return drop('OLD_TICK');
    state.put(ticks, domain, wallUs);
    send({ kind: 'tick', domain, wallUs, partition: record.partition });
    return done;
  }
  const { event } = activity;
  const kind = activityOf[event.type];
  if (kind === null) return drop('NO_ACTIVITY');
  // What another platform attests for an anonymous member has no account whose contribution could be bounded.
  if (event.source !== 'CREATOR') return drop('NO_ACCOUNT');
  const domain = clockDomain(event.hlc);
  if (event.hlc.wallUs < (state.get(ticks, domain) ?? -1)) return drop('LATE');
  const windowLengthUs = activityByKindHour.windowSeconds * 1_000_000;
  const windowUs = event.hlc.wallUs - (event.hlc.wallUs % windowLengthUs);
  send({
    kind: 'contribution',
    metric: activityByKindHour.id,
    domain,
    account: event.actor,
    windowUs,
    key: kind,
    value: 1,
  });
  return done;
};
