import type { LogRecord } from '../../engines/event-log/port.ts';
import { type ApiUse, apiUseSchema } from '../../schema/api-use.ts';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { apiLatency, apiOutcomesDay, logInsHour } from '../../schema/metrics/declared/api.ts';
import { parseJson } from '../shared/parse-json.ts';
import { type Step, deadLetter, done, drop, ok } from '../shared/step.ts';
import type { ContributionMessage, Item } from './contribution.ts';

export const decodeApiUse: Step<LogRecord, ApiUse> = (record) => {
  const parsed = apiUseSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** What the gateway saw of a caller, as contributions of an account of its own: no creator's id is known there. */
export const contributeApiUse: Step<ApiUse, void, 'privacyContributions'> = (use, { emit, record }) => {
  const items: Item[] = [
    ...use.latencies.flatMap((count, range): Item[] =>
      count > 0 ? [[apiLatency.id, String(range), count, null]] : [],
    ),
    ...use.outcomes.map((outcome): Item => [apiOutcomesDay.id, outcome, 1, null]),
    ...use.logIns.map((logIn): Item => [logInsHour.id, logIn, 1, null]),
  ];
  if (items.length === 0) return drop('NO_ACTIVITY');
  const { wallUs, caller } = use;
  const account = `caller:${caller}`;
  const value: ContributionMessage = {
    kind: 'activity',
    domain: 'live',
    account,
    wallUs,
    items,
    present: false,
    pair: null,
  };
  emit('privacyContributions', { key: 'live', id: `api:${record.partition}:${record.offset}`, value });
  return done;
};
