import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '../../engines/event-log/port.ts';
import type { Evidence } from '../../schema/reputation/evidence.ts';
import { topics } from '../../schema/topics.ts';
import { type RowOf, tables } from '../../schema/warehouse/tables.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { dayMs, given, seeded, someHistory, startMs } from './domain/testing.ts';
import { evidenceProcessor, reputationProcessor } from './reputation-pipelines.ts';

const processor = reputationProcessor(seeded);

const recordsOf = (evidence: readonly Evidence[]): readonly LogRecord[] =>
  evidence.map((each, offset) =>
    recordOf({
      topic: topics.reputationEvidence.name,
      offset,
      value: JSON.stringify(each),
      appendedAtMs: startMs + 2_000 * dayMs,
    }),
  );

/** The rows that tables which replace by key end up with. */
function finalRows(runs: readonly DryRun[]): {
  scores: Map<string, RowOf<'platform.reputation_scores'>>;
  ledger: Map<string, RowOf<'platform.reputation_evidence'>>;
} {
  const rows = <T>(output: 'reputationScores' | 'reputationLedger', parse: (value: unknown) => T): T[] =>
    runs.flatMap((run) => run.emitted(output).map(parse));
  const scores = rows('reputationScores', (value) => tables['platform.reputation_scores'].parse(value));
  const ledger = rows('reputationLedger', (value) => tables['platform.reputation_evidence'].parse(value));
  return {
    scores: new Map(
      scores.sort((a, b) => a.version - b.version).map((row) => [`${row.creator_id}.${row.dimension}`, row]),
    ),
    ledger: new Map(
      ledger
        .sort((a, b) => a.version - b.version)
        .map((row) => [`${row.creator_id}.${row.dimension}.${row.event_id}.${row.rule}`, row]),
    ),
  };
}

describe('the reputation processor', () => {
  test('goal: killed anywhere and restored from its changelog, it ends with the same rows as an undisturbed run', () => {
    fc.assert(
      fc.property(someHistory, fc.nat(60), (evidence, cut) => {
        const records = recordsOf(evidence);
        const whole = dryRun(processor, records);
        const before = dryRun(processor, records.slice(0, cut));
        const after = dryRun(processor, records.slice(cut), changelogOf(before));
        expect(finalRows([before, after])).toEqual(finalRows([whole]));
      }),
    );
  });

  test('goal: so it does where a registration that made many scores anew was taken back half-way', () => {
    const members = Array.from({ length: 10 }, (_, n) => `m${n}`);
    const praise = (eventId: string, target: string, day: number): Evidence =>
      given({ eventId, target, atMs: startMs + day * dayMs });
    const registered = (creatorId: string, day: number): Evidence => ({
      kind: 'REGISTERED',
      eventId: `r ${creatorId}`,
      creatorId,
      atMs: startMs + day * dayMs,
    });
    const records = recordsOf([
      ...['seed', 'other', ...members].map((id) => registered(id, 0)),
      ...members.map((target) => praise(`to ${target}`, target, 0)),
      praise('early 1', 'newcomer', 100),
      praise('early 2', 'newcomer', 101),
      registered('newcomer', 101),
      praise('next', 'other', 102),
    ]);
    const config = {
      ...reputationProcessor({ ...seeded, anybodyIsKnown: false }),
      // As many as a piece of evidence needs that makes eight scores anew.
      limits: { emissionsMax: 10 },
    };
    const last = records.slice(-1);
    const whole = dryRun(config, records);
    const before = dryRun(config, records.slice(0, -1));
    expect(before.outcomes.at(-1)).toBe('deadLetter HANDLER_FAILED');
    const after = dryRun(config, last, changelogOf(before));
    expect(after.emitted('reputationScores').length).toBeGreaterThan(8);
    expect(finalRows([before, after])).toEqual(finalRows([whole]));
  });

  test('goal: evidence that comes twice counts once', () => {
    const records = recordsOf([given({ eventId: 'e1' }), given({ eventId: 'e1' })]);
    const run = dryRun(processor, records);
    expect(run.outcomes).toEqual(['ok', 'drop DUPLICATE']);
    expect(finalRows([run]).scores.get('target.QUALITY')).toMatchObject({ positive: 0.3, evidence_count: 1 });
  });

  test('goal: which score was the last of each day, and of each minute, does not depend on the size of batches', () => {
    const lastOf = (runs: readonly DryRun[], ms: number): Map<string, unknown> => {
      const rows = runs.flatMap((run) => run.emitted('reputationScores'));
      const all = rows.map((row) => tables['platform.reputation_scores'].parse(row));
      const place = ({ creator_id, dimension, as_of }: (typeof all)[number]): string =>
        `${creator_id}.${dimension}|${Math.floor(Date.parse(`${as_of.replace(' ', 'T')}Z`) / ms)}`;
      return new Map(all.toSorted((a, b) => a.version - b.version).map((row) => [place(row), row]));
    };
    fc.assert(
      fc.property(someHistory, fc.nat(60), (evidence, cut) => {
        const records = recordsOf(evidence);
        const whole = [dryRun(processor, records)];
        const before = dryRun(processor, records.slice(0, cut));
        const cutRuns = [before, dryRun(processor, records.slice(cut), changelogOf(before))];
        for (const ms of [60_000, dayMs]) expect(lastOf(cutRuns, ms)).toEqual(lastOf(whole, ms));
      }),
    );
  });

  test('goal: a batch emits one score per creator, dimension and minute, the newest; versions grow', () => {
    const run = dryRun(processor, recordsOf([1, 2, 3].map((n) => given({ eventId: `e${n}`, atMs: startMs + n }))));
    expect(run.emitted('reputationScores')).toHaveLength(1);
    expect(run.emitted('reputationScores')[0]).toMatchObject({ version: 3, evidence_count: 3 });
    expect(run.emitted('reputationLedger')).toHaveLength(3);
    const apart = [1, 2, 3].map((n) => given({ eventId: `e${n}`, atMs: startMs + n * 60_000 }));
    expect(dryRun(processor, recordsOf(apart)).emitted('reputationScores')).toHaveLength(3);
  });

  test('goal: what is no evidence becomes a dead letter that names the field; a withdrawal of nothing is dropped', () => {
    const withdrawal: Evidence = { kind: 'WITHDRAWN', eventId: 'w', source: 'a', statement: 's', atMs: startMs };
    const run = dryRun(processor, [
      ...recordsOf([withdrawal]),
      recordOf({ offset: 1, value: '{"kind":"GIVEN"}' }),
      recordOf({ offset: 2, value: null }),
    ]);
    expect(run.outcomes).toEqual(['drop NOTHING_TO_WITHDRAW', 'deadLetter UNDECODABLE', 'deadLetter UNDECODABLE']);
    expect(run.deadLetters[0]?.message).toMatch(/eventId/);
  });
});

describe('the evidence processor', () => {
  test('goal: ticks, noise and events without evidence are passed over', () => {
    const run = dryRun(evidenceProcessor(false), [
      recordOf({ offset: 0, value: '{"tick":"live","wallUs":1}' }),
      recordOf({ offset: 1, value: 'noise' }),
    ]);
    expect(run.outcomes).toEqual(['drop TICK', 'drop UNDECODABLE']);
    expect(run.outgoing).toEqual([]);
  });
});
