import { describe, expect, test } from '@jest/globals';
import { questions } from '../../schema/telemetry/questions.ts';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { telemetryProcessor } from './telemetry.ts';

const dayMs = 86_400_000;
const day0 = 1_700_000_000_000 - (1_700_000_000_000 % dayMs);

function reportOf(n: number, question: string, answers: readonly number[], given: Partial<LogRecord> = {}): LogRecord {
  const value = JSON.stringify({ question, answers });
  return recordOf({ offset: n, id: `report-${n}`, appendedAtMs: day0 + n, value, ...given });
}

const unary = questions.find((question) => question.mechanism === 'UNARY')?.id ?? '';

// Goal: reports add up by question and day of arrival, once each, across restarts; nothing of a single report stays but its random id.
describe('client telemetry', () => {
  test('reports of a day add up into one row for each question', () => {
    const run = dryRun(telemetryProcessor, [
      reportOf(0, 'client-kind', [0]),
      reportOf(1, 'client-kind', [4]),
      reportOf(2, unary, [1, 3]),
      reportOf(3, unary, []),
      reportOf(4, 'client-kind', [4]),
    ]);
    const rows = run.emitted('telemetryTallies').map((row) => tables['analytics.client_answers'].parse(row));
    expect(rows).toHaveLength(2);
    expect(rows.find(({ question }) => question === 'client-kind')).toMatchObject({
      day: '2023-11-14 00:00:00.000',
      reports: 3,
      reported: [1, 0, 0, 0, 2],
    });
    expect(rows.find(({ question }) => question === unary)?.reported.slice(0, 5)).toEqual([0, 1, 0, 1, 0]);
  });

  test('a report that comes again counts once, also after a restart', () => {
    const first = dryRun(telemetryProcessor, [reportOf(0, 'client-kind', [2])]);
    const again = dryRun(
      telemetryProcessor,
      [reportOf(1, 'client-kind', [2], { id: 'report-0' }), reportOf(2, 'client-kind', [2])],
      changelogOf(first),
    );
    expect(again.outcomes).toEqual(['drop DUPLICATE', 'ok']);
    expect(again.emitted('telemetryTallies')).toMatchObject([{ reports: 2, reported: [0, 0, 2, 0, 0] }]);
  });

  test('the next day begins anew and forgets the ids of the last', () => {
    const run = dryRun(telemetryProcessor, [
      reportOf(0, 'client-kind', [0]),
      reportOf(1, 'client-kind', [1], { appendedAtMs: day0 + dayMs }),
    ]);
    expect(run.emitted('telemetryTallies')).toMatchObject([
      { day: '2023-11-14 00:00:00.000', reports: 1 },
      { day: '2023-11-15 00:00:00.000', reports: 1 },
    ]);
    const seen = run.outgoing.filter(({ topic, key }) => topic === 'changelog' && key.startsWith('seen|'));
    expect(seen.map(({ value }) => value)).toEqual([null, '1']);
  });

  test('what no client of ours sends is dropped or put aside, and counts nowhere', () => {
    const run = dryRun(telemetryProcessor, [
      reportOf(0, 'shoe-size', [0]),
      reportOf(1, 'client-kind', [9]),
      reportOf(2, 'client-kind', [0], { value: '{"question":"client-kind","answers":[0],"account":"ann"}' }),
      reportOf(3, 'client-kind', [0], { value: 'no json' }),
    ]);
    expect(run.outcomes).toEqual([
      'drop UNKNOWN_QUESTION',
      'drop UNKNOWN_ANSWER',
      'deadLetter UNDECODABLE',
      'deadLetter UNDECODABLE',
    ]);
    expect(run.emitted('telemetryTallies')).toEqual([]);
  });
});
