import type { LogRecord } from '../../engines/event-log/port.ts';
import { type KnownEvent, decodeEventRecord } from '../../schema/events/catalogue.ts';
import { isOfCreator } from '../../schema/events/envelope.ts';
import type { Tick } from '../../schema/events/tick.ts';
import { clockDomain } from '../../schema/hlc.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import { dayUs, windowsClosed } from './clock.ts';
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

/** Days that one tick may pass over (some 25 years): each becomes a tick of its own, so that no message closes more than a day or two. */
export const daysOfTickMax = 9_000;

/** Passes ticks on, midnight by midnight where one passes over several, and turns events into contributions. Lateness is judged here, against the ticks of the event's own partition, so that it does not depend on how partitions are interleaved. */
export const findContributions: Step<Activity, void, 'privacyContributions'> = (activity, { state, emit, record }) => {
  const send = (message: ContributionMessage, suffix = ''): void =>
    emit('privacyContributions', {
      key: message.domain,
      id: `${record.partition}:${record.offset}${suffix}`,
      value: message,
    });
  if (activity.kind === 'tick') {
    const { tick: domain, wallUs } = activity.tick;
    const beforeUs = state.get(ticks, domain) ?? wallUs - 1;
    if (wallUs <= beforeUs) return drop('OLD_TICK');
    const midnights = windowsClosed(dayUs, beforeUs, wallUs - 1).map((startUs) => startUs + dayUs);
    if (midnights.length > daysOfTickMax)
      return deadLetter('TICK_TOO_FAR', `wallUs: lies more than ${daysOfTickMax} days after the tick before`);
    state.put(ticks, domain, wallUs);
    for (const midnightUs of midnights)
      send({ kind: 'tick', domain, wallUs: midnightUs, partition: record.partition }, `:${midnightUs}`);
    send({ kind: 'tick', domain, wallUs, partition: record.partition });
    return done;
  }
  const { event } = activity;
  const contribution = contributionOf(event);
  if (!contribution) return drop(isOfCreator(event.source) ? 'NO_ACTIVITY' : 'NO_ACCOUNT');
  const domain = clockDomain(event.hlc);
  if (event.hlc.wallUs < (state.get(ticks, domain) ?? -1)) return drop('LATE');
  send({ kind: 'activity', domain, wallUs: event.hlc.wallUs, ...contribution, items: [...contribution.items] });
  return done;
};
