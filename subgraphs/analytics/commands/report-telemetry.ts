import type { EventLog } from '../../../engines/event-log/port.ts';
import { questionById } from '../../../schema/telemetry/questions.ts';
import { type Report, faultOfReport, reportIdPattern, reportsMax } from '../../../schema/telemetry/report.ts';
import { topics } from '../../../schema/topics.ts';
import { type UserError, userError } from '../../../schema/user-errors.ts';

export interface SentReport {
  readonly id: string;
  readonly question: string;
  readonly answers: readonly string[];
}

/** What stands against the reports of one call. */
function objectionsTo(reports: readonly SentReport[]): readonly UserError[] {
  if (reports.length === 0 || reports.length > reportsMax)
    return [userError('LIMIT_EXCEEDED', `a call takes 1 to ${reportsMax} reports`, 'input', 'reports')];
  return reports.flatMap((report, n) => {
    const at = (field: string): readonly string[] => ['input', 'reports', String(n), field];
    if (!reportIdPattern.test(report.id))
      return [userError('INVALID', 'id must be 32 hexadecimal digits or a UUID, drawn at random', ...at('id'))];
    const fault = faultOfReport(report);
    if (fault === null) return [];
    return [userError('INVALID', fault, ...at(questionById.has(report.question) ? 'answers' : 'question'))];
  });
}

/**
 * Puts reports on the log. Who sent them is not recorded, and neither is that they came together: the log holds them in the order of their random ids.
 */
export async function reportTelemetry(
  eventLog: EventLog,
  reports: readonly SentReport[],
): Promise<{ readonly accepted: number; readonly userErrors: readonly UserError[] }> {
  const userErrors = objectionsTo(reports);
  if (userErrors.length > 0) return { accepted: 0, userErrors };
  const records = reports
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, question, answers }) => {
      const known = questionById.get(question)?.answers ?? [];
      const value: Report = { question, answers: answers.map((answer) => known.indexOf(answer)).sort((a, b) => a - b) };
      return { topic: topics.telemetryReports.name, key: question, id, value: JSON.stringify(value) };
    });
  await eventLog.append(records);
  return { accepted: reports.length, userErrors: [] };
}
