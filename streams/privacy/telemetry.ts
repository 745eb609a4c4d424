import type { LogRecord } from '../../engines/event-log/port.ts';
import { z } from 'zod';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { questionById } from '../../schema/telemetry/questions.ts';
import { type Report, reportSchema } from '../../schema/telemetry/report.ts';
import { type RowOf, warehouseInstant } from '../../schema/warehouse/tables.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import { defineStore } from '../shared/state.ts';
import { type Step, type StepContext, deadLetter, done, drop, ok } from '../shared/step.ts';
import { dayUs, floorTo, padded } from './clock.ts';

/** What a question's reports of a day add up to, by day and question. */
const tallies = defineStore('tallies', z.strictObject({ reports: z.int(), reported: z.array(z.int()) }));
/** Reports of the newest day, by day and id: a report that is sent again counts once. */
const seen = defineStore('seen', z.literal(1), 1);

type Context = StepContext<'telemetryTallies'>;

const decodeReport: Step<LogRecord, Report> = (record) => {
  const parsed = reportSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** Adds a report to its day, which is the day on which the log took it: clients send no time. */
function count(report: Report, { record, state, emit }: Context): ReturnType<Step<Report, void>> {
  const question = questionById.get(report.question);
  if (!question) return drop('UNKNOWN_QUESTION');
  if (report.answers.some((place) => place >= question.answers.length)) return drop('UNKNOWN_ANSWER');
  const day = padded(floorTo(record.appendedAtMs * 1_000, dayUs));
  if (state.get(seen, `${day}|${record.id}`)) return drop('DUPLICATE');
  for (const [key] of state.entries(seen)) {
    if (key >= day) break;
    state.remove(seen, key);
  }
  state.put(seen, `${day}|${record.id}`, 1);
  const before = state.get(tallies, `${day}|${question.id}`);
  const chosen = new Set(report.answers);
  const tally = {
    reports: (before?.reports ?? 0) + 1,
    reported: question.answers.map((_, place) => (before?.reported[place] ?? 0) + Number(chosen.has(place))),
  };
  state.put(tallies, `${day}|${question.id}`, tally);
  const row: RowOf<'analytics.client_answers'> = {
    question: question.id,
    day: warehouseInstant(Number(day)),
    ...tally,
  };
  const key = `${question.id}|${day}`;
  emit('telemetryTallies', { key, id: `${record.partition}:${record.offset}`, value: row, newestOf: key });
  return done;
}

/**
 * Anonymous reports → sums of them, day by day. Each report was randomised by its client, so sums of reports may be published as they are: everything after a client's own noise is post-processing.
 * No account is behind a report, so nothing is charged to one.
 */
export const telemetryProcessor: ProcessorConfig<Report, 'telemetryTallies'> = {
  name: 'telemetry',
  input: 'telemetryReports',
  outputs: ['telemetryTallies'],
  stores: [tallies, seen],
  decode: decodeReport,
  handle: count,
};
