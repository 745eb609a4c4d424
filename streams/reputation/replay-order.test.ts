import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '../../engines/event-log/port.ts';
import type { GivenEvidence } from '../../schema/reputation/evidence.ts';
import type { Replayed } from '../../schema/reputation/replayed.ts';
import { topics } from '../../schema/topics.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { given } from './domain/testing.ts';
import { replayOrderProcessor } from './replay-order.ts';
import { evidenceProcessor } from './reputation-pipelines.ts';
import { communityEvents } from './testing.ts';

const partitions = 3;
const hourUs = 3_600_000_000;
const domain = 'replay:test';
const processor = replayOrderProcessor(partitions);

const piece = (wallUs: number, counter = 0, eventId = `${wallUs}.${counter}`): Replayed => ({
  kind: 'PIECE',
  domain,
  wallUs,
  counter,
  piece: 0,
  evidence: given({ eventId }),
});
const tick = (partition: number, wallUs: number): Replayed => ({ kind: 'TICK', domain, partition, wallUs });
const recordsOf = (messages: readonly Replayed[]): readonly LogRecord[] =>
  messages.map((message, offset) =>
    recordOf({ topic: topics.reputationReplayed.name, offset, value: JSON.stringify(message) }),
  );
const passed = (...runs: readonly DryRun[]): readonly string[] =>
  runs.flatMap((run) => run.emitted('reputationEvidence')).map((evidence) => (evidence as GivenEvidence).eventId);

/** What each partition holds: pieces on a clock, and a tick after each hour. */
const replay = fc
  .array(fc.record({ partition: fc.nat(partitions - 1), us: fc.nat(5 * hourUs - 1) }), { maxLength: 40 })
  .map((found) => {
    const pieces = found.map(({ partition, us }, n) => ({ partition, message: piece(hourUs + us, n, `event-${n}`) }));
    const lanes = Array.from({ length: partitions }, (_, partition) => {
      const own = pieces.filter((each) => each.partition === partition).map(({ message }) => message);
      const ticks = Array.from({ length: 6 }, (_, hour) => tick(partition, (hour + 1) * hourUs));
      return [...own, ...ticks].sort(
        (a, b) => a.wallUs - b.wallUs || (a.kind === 'PIECE' ? 1 : 0) - (b.kind === 'PIECE' ? 1 : 0),
      );
    });
    const inOrder = pieces
      .map(({ message }) => message)
      .sort((a, b) => a.wallUs - b.wallUs || (a.kind === 'PIECE' && b.kind === 'PIECE' ? a.counter - b.counter : 0))
      .map((message) => (message.kind === 'PIECE' ? (message.evidence as GivenEvidence).eventId : ''));
    return { lanes, inOrder };
  });

/** Takes from the lanes as the picks say, each lane in its own order, until all are empty. */
function interleave(lanes: readonly (readonly Replayed[])[], picks: readonly number[]): readonly Replayed[] {
  const left = lanes.map((lane) => [...lane]);
  const all: Replayed[] = [];
  for (let n = 0; left.some((lane) => lane.length > 0); n += 1) {
    const next =
      left[(picks[n % picks.length] ?? n) % left.length]?.shift() ?? left.find((lane) => lane.length > 0)?.shift();
    if (next) all.push(next);
  }
  return all;
}

describe('evidence of replays', () => {
  test('goal: however partitions are interleaved, and wherever it is killed, pieces come in the order of the replay’s clock', () => {
    fc.assert(
      fc.property(replay, fc.array(fc.nat(), { minLength: 1 }), fc.nat(60), ({ lanes, inOrder }, picks, cut) => {
        const records = recordsOf(interleave(lanes, picks));
        const before = dryRun(processor, records.slice(0, cut));
        const after = dryRun(processor, records.slice(cut), changelogOf(before));
        expect(passed(before, after)).toEqual(inOrder);
        expect(passed(dryRun(processor, records))).toEqual(inOrder);
      }),
      { numRuns: 50 },
    );
  });

  test('goal: nothing is passed on before its hour is over in every partition; what is late nevertheless is not lost', () => {
    const ticks = [tick(0, 2 * hourUs), tick(1, 2 * hourUs), tick(2, 2 * hourUs)];
    const own = [piece(hourUs + 2), piece(hourUs + 1), piece(2 * hourUs)];
    expect(passed(dryRun(processor, recordsOf([...own, ...ticks.slice(1)])))).toEqual([]);
    const run = dryRun(processor, recordsOf([...own, ...ticks, piece(hourUs + 3)]));
    expect(passed(run)).toEqual([`${hourUs + 1}.0`, `${hourUs + 2}.0`, `${hourUs + 3}.0`]);
  });

  test('goal: an hour with more than one message may pass on comes in several, in order, whole', () => {
    const many = Array.from({ length: 5_010 }, (_, n) => piece(hourUs + n, 0, String(n)));
    let messages: readonly Replayed[] = [...many.toReversed(), ...[0, 1, 2].map((n) => tick(n, 2 * hourUs))];
    const runs: DryRun[] = [];
    for (let changelog: readonly LogRecord[] = []; messages.length > 0;) {
      const run = dryRun(processor, recordsOf(messages), changelog);
      runs.push(run);
      changelog = [...changelog, ...changelogOf(run)];
      messages = run.emitted('reputationReplayed') as readonly Replayed[];
    }
    expect(runs).toHaveLength(2);
    expect(passed(...runs)).toEqual(Array.from({ length: 5_010 }, (_, n) => String(n)));
  });

  test('goal: a replay whose clock leaps over a year is passed on as well', () => {
    const far = 10_000 * hourUs;
    const ticks = (us: number): Replayed[] => [0, 1, 2].map((n) => tick(n, us));
    const run = dryRun(processor, recordsOf([...ticks(hourUs), piece(far + 1), piece(hourUs), ...ticks(far + hourUs)]));
    expect(passed(run)).toEqual([`${hourUs}.0`, `${far + 1}.0`]);
  });

  test('goal: only what is replayed takes this way, and only where it is to be brought in order', () => {
    const [event] = communityEvents({ members: 5, events: 1 });
    const records = [event, { ...event, id: 'now', hlc: { ...event?.hlc, node: 'live:1' } }].map((each, offset) =>
      recordOf({ offset, value: JSON.stringify(each) }),
    );
    const run = dryRun(evidenceProcessor(true), [
      ...records,
      recordOf({ offset: 2, partition: 2, value: JSON.stringify({ tick: domain, wallUs: hourUs }) }),
    ]);
    const replayed = run.emitted('reputationReplayed') as readonly Replayed[];
    expect(replayed.at(-1)).toEqual(tick(2, hourUs));
    expect(replayed.filter(({ kind }) => kind === 'PIECE')).toHaveLength(1);
    expect(passed(run)).toEqual(['now']);
    expect(passed(dryRun(evidenceProcessor(false), records))).toEqual([event?.id, 'now']);
  });
});
