import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, startReputation } from '../../bench/shared/reputation-run.ts';
import { decay } from '../../schema/reputation/formula.ts';
import { topics } from '../../schema/topics.ts';
import { given } from '../../streams/reputation/domain/testing.ts';
import { type SubgraphBench, createBench } from '../shared/testing.ts';
import { createReputationSubgraph } from './subgraph.ts';
import { putCreator } from './testing.ts';

// Goal: who takes time off finds their reputation as old as they left it, explained to the last point, and cannot take it for good.
const dayMs = 86_400_000;
const startMs = Date.UTC(2024, 0, 1);
let nowMs = startMs;
let root: string;
let run: ReputationRun;
let bench: SubgraphBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-freeze-'));
  run = await startReputation({ directory: root, seeds: ['seed'] });
  for (const name of ['seed', 'target']) await putCreator(run.store, name, []);
  bench = createBench(createReputationSubgraph(), run, { wall: { nowUs: () => nowMs * 1000 } });
}, 60_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

async function praise(eventId: string, day: number): Promise<void> {
  const value = JSON.stringify(given({ eventId, atMs: startMs + day * dayMs }));
  await run.eventLog.append([{ topic: topics.reputationEvidence.name, key: 'target', id: eventId, value }]);
  await whenDrained(run.stages);
}

const mutate = (name: 'freezeReputation' | 'resumeReputation', input: object): Promise<unknown> =>
  bench.mutate('target', name, input, 'freeze { from until }');

test('a time off is limited, stops the decay, ends early when asked, and the score is explained', async () => {
  await praise('e1', 0);
  nowMs = startMs + 10 * dayMs;
  for (const days of [6, 366])
    expect(await mutate('freezeReputation', { days })).toMatchObject({
      freeze: null,
      userErrors: [{ code: 'INVALID', path: ['input', 'days'] }],
    });
  const until = new Date(nowMs + 300 * dayMs).toISOString();
  expect(await mutate('freezeReputation', { days: 300, reason: 'parental leave' })).toMatchObject({
    freeze: { until },
    userErrors: [],
  });
  await whenDrained(run.stages);
  expect(await mutate('freezeReputation', { days: 30 })).toMatchObject({ userErrors: [{ code: 'ALREADY_DONE' }] });
  nowMs += 200 * dayMs;
  expect(await mutate('resumeReputation', {})).toMatchObject({ freeze: { until: new Date(nowMs).toISOString() } });
  expect(await mutate('resumeReputation', {})).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  await whenDrained(run.stages);
  // Twenty days on the creator's own clock after the first: ten before the time off, ten after it.
  await praise('e2', 220);
  const query = `query ($at: DateTime) { reputation(creatorId: "target") { dimensions {
    asOf positive explain { sumsTo { positive } entries { nodes { pointsNow occurredAt } } } whatWouldChange(at: $at) { ifNothingHappens } } } }`;
  interface Shown {
    readonly asOf: string;
    readonly positive: number;
    readonly explain: {
      readonly sumsTo: { readonly positive: number };
      readonly entries: { readonly nodes: readonly { readonly pointsNow: number }[] };
    };
    readonly whatWouldChange: { readonly ifNothingHappens: number };
  }
  const read = async (at: string): Promise<Shown | undefined> =>
    (await bench.query<{ reputation: { dimensions: readonly Shown[] } }>('target', query, { at })).reputation
      .dimensions[0];
  const shown = await read(new Date(startMs + 230 * dayMs).toISOString());
  const expected = 0.3 * decay(20 * dayMs, 1) + 0.3;
  expect(shown?.positive).toBeCloseTo(expected, 9);
  expect(shown?.asOf).toBe(new Date(startMs + 220 * dayMs).toISOString());
  expect(shown?.explain.sumsTo.positive).toBeCloseTo(expected, 9);
  expect(shown?.explain.entries.nodes.reduce((sum, { pointsNow }) => sum + pointsNow, 0)).toBeCloseTo(expected, 9);
  const later = 0.3 * decay(30 * dayMs, 1) + 0.3 * decay(10 * dayMs, 1);
  expect(shown?.whatWouldChange.ifNothingHappens).toBeCloseTo((100 * (later + 2)) / (later + 2.5), 9);
});

test('in three years no more than 540 days; others do not see them', async () => {
  nowMs = startMs + 300 * dayMs;
  expect(await mutate('freezeReputation', { days: 341 })).toMatchObject({ userErrors: [{ code: 'INVALID' }] });
  expect(await mutate('freezeReputation', { days: 340 })).toMatchObject({ userErrors: [] });
  const seen = async (login: string): Promise<unknown> =>
    (
      await bench.entities<{ reputationFreezes: unknown }>(login, 'Creator', ['target'], 'reputationFreezes { from }')
    )[0]?.reputationFreezes;
  expect(await seen('target')).toHaveLength(2);
  expect(await seen('seed')).toBeNull();
  const types = (await bench.events()).map(({ type }) => type);
  expect(types).toEqual(['reputation.decay-frozen', 'reputation.decay-resumed', 'reputation.decay-frozen']);
});
