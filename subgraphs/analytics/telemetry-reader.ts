import type { Warehouse } from '../../engines/warehouse/port.ts';
import { estimateAnswers } from '../../schema/telemetry/estimate.ts';
import type { Question } from '../../schema/telemetry/question.ts';
import type { TelemetryEstimateMapper } from './mappers.ts';
import { type Times, instantsOf } from './times.ts';

const level = 0.95;

/** What the reports of a question over a time say. */
export async function readEstimate(
  warehouse: Warehouse,
  question: Question,
  times: Times,
): Promise<TelemetryEstimateMapper> {
  const [row] = await warehouse.query<{ reports: number; reported: readonly number[] }>(
    `SELECT toUInt32(sum(reports)) AS reports, arrayMap(n -> toUInt32(n), sumForEach(reported)) AS reported FROM
       (SELECT reports, reported FROM analytics.client_answers FINAL WHERE question = {question:String}
         AND day >= {from:DateTime64(3, 'UTC')} AND day < {to:DateTime64(3, 'UTC')})`,
    { question: question.id, ...instantsOf(times) },
  );
  const reported = row && row.reports > 0 ? row.reported : question.answers.map(() => 0);
  const counts = { reports: row?.reports ?? 0, reported };
  return { question, reports: counts.reports, answers: estimateAnswers(question, counts, level) };
}
