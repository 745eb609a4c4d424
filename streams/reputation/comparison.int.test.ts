import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import { type ReputationRun, reputationTables, startReputation } from '../../bench/shared/reputation-run.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createComparison } from './comparison.ts';
import { communityEvents, member } from './testing.ts';

// Goal: the warehouse recomputes the stream's scores from the ledger and agrees; where a score is wrong, it says so.
let root: string;
let run: ReputationRun;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vcos-test-comparison-'));
  run = await startReputation({ directory: root, seeds: [member(0)], walksPerSeed: 100 });
  await run.append(communityEvents({ members: 12, events: 300 }));
  await whenDrained(run.stages);
}, 90_000);
afterAll(async () => {
  await run.stop();
  await rm(root, { recursive: true, force: true });
});

test('stream and batch agree to a billionth; a score that no ledger explains shows, and the night’s result is written down', async () => {
  const nightMs = Date.UTC(2025, 0, 2, 3);
  const deps = { ...run, logger: createLogger('silent'), nowMs: () => nightMs };
  const comparison = createComparison(deps);
  const first = await comparison.compare();
  const { scores } = await reputationTables(run.warehouse);
  expect(first.reduce((sum, { creators }) => sum + creators, 0)).toBe(
    scores.filter(({ evidence_count: count }) => count > 0).length,
  );
  for (const { overlap, largestDifference } of first) {
    expect(overlap).toBe(1);
    expect(largestDifference).toBeLessThan(1e-9);
  }
  const [victim] = scores.filter(({ dimension, evidence_count: count }) => dimension === 'QUALITY' && count > 0);
  if (victim === undefined) throw new Error('the community has no score');
  await run.warehouse.insert(
    'platform.reputation_scores',
    [{ ...victim, ledger_version: 1, score: victim.score / 2, version: Number(String(victim.version)) + 1_000_000 }],
    'forged',
  );
  const forged = (await comparison.compare()).find(({ dimension }) => dimension === 'QUALITY');
  expect(forged?.largestDifference).toBeCloseTo(victim.score / 2, 6);
  expect(
    await run.warehouse.query('SELECT DISTINCT toString(day) AS day FROM platform.reputation_comparisons'),
  ).toEqual([{ day: '2025-01-02' }]);
  expect(comparison.gauges?.()[0]?.values.map(({ labels }) => labels['dimension'])).toContain('QUALITY');
});

test('it is made once a night, after two, and a missed night is made up for', async () => {
  let atMs = Date.UTC(2025, 0, 3, 1, 59);
  const nights = (): Promise<readonly { readonly day: string }[]> =>
    run.warehouse.query('SELECT DISTINCT toString(day) AS day FROM platform.reputation_comparisons ORDER BY day');
  const comparison = createComparison({ ...run, logger: createLogger('silent'), nowMs: () => atMs }, { pollMs: 5 });
  await comparison.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await nights()).map(({ day }) => day)).not.toContain('2025-01-03');
  atMs = Date.UTC(2025, 0, 3, 20);
  while (!(await nights()).some(({ day }) => day === '2025-01-03'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await comparison.stop();
});
