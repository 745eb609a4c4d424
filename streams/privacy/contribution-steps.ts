import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import type { Tick } from '../../schema/events/tick.ts';
import { clockDomain } from '../../schema/hlc.ts';
import { type Step, done, drop, ok } from '../shared/step.ts';
import type { ContributionMessage } from './contribution.ts';
import { contributionOf } from './items.ts';
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
  const contribution = contributionOf(event);
  if (!contribution) return drop(event.source === 'CREATOR' ? 'NO_ACTIVITY' : 'NO_ACCOUNT');
  const domain = clockDomain(event.hlc);
  if (event.hlc.wallUs < (state.get(ticks, domain) ?? -1)) return drop('LATE');
  send({ kind: 'activity', domain, wallUs: event.hlc.wallUs, ...contribution, items: [...contribution.items] });
  return done;
};
