import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import {
  type ReputationRun,
  type ReputationTables,
  reputationTables,
  startReputation,
} from '../../bench/shared/reputation-run.ts';
import { decay } from '../../schema/reputation/formula.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import { communityEvents, member } from './testing.ts';

const events = communityEvents({ members: 30, events: 1_500 });
const seeds = [member(0)];
const walksPerSeed = 100;

describe('reputation on the embedded engines', () => {
  let root: string;
  let open: ReputationRun[];

  async function start(name: string): Promise<ReputationRun> {
    const run = await startReputation({ directory: join(root, name), seeds, walksPerSeed });
    open.push(run);
    return run;
  }

  async function finish(run: ReputationRun): Promise<ReputationTables> {
    await whenDrained(run.stages);
    const tables = await reputationTables(run.warehouse);
    await run.stop();
    return tables;
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vcos-test-reputation-'));
    open = [];
  });
  afterEach(async () => {
    for (const run of open) await run.stop();
    await rm(root, { recursive: true, force: true });
  });

  test('goal: killed again and again, it ends with the tables of an undisturbed run, and every score is explained', async () => {
    const undisturbed = await start('undisturbed');
    await undisturbed.append(events);
    const expected = await finish(undisturbed);
    expect(new Set(expected.ledger.map(({ refusal }) => refusal)).size).toBeGreaterThan(4);
    expectExplained(expected);

    const directory = join(root, 'killed');
    const prepared = await start('killed');
    await prepared.append(events.slice(0, 900));
    await prepared.stop();
    for (const rows of [1, 300, 500]) await killAfter(directory, rows);
    const last = await start('killed');
    await last.append(events);
    expect(await finish(last)).toEqual(expected);
  }, 90_000);
});

/** For all creators: what the ledger adds up to is what the score was made from. */
function expectExplained({ scores, ledger }: ReputationTables): void {
  expect(scores.length).toBeGreaterThan(60);
  const rows = Map.groupBy(ledger, (row) => `${row.creator_id}.${row.dimension}`);
  const msOf = (instant: string): number => Date.parse(isoFromWarehouse(instant));
  for (const score of scores) {
    const entries = rows.get(`${score.creator_id}.${score.dimension}`) ?? [];
    const points = entries.map(
      ({ counted, occurred_at }) => counted * decay(msOf(score.as_of) - msOf(occurred_at), counted),
    );
    const sum = (sign: 1 | -1): number => points.reduce((total, each) => total + Math.max(0, sign * each), 0);
    expect(Math.abs(sum(1) - score.positive)).toBeLessThan(1e-9);
    expect(Math.abs(sum(-1) - score.negative)).toBeLessThan(1e-9);
    expect(entries.filter(({ counted }) => counted !== 0)).toHaveLength(score.evidence_count);
  }
}

/** Runs reputation in a process of its own and kills it, without a warning, as soon as the warehouse has that many rows more. */
async function killAfter(directory: string, rows: number): Promise<void> {
  const source = `
    const { startReputation } = await import('../../bench/shared/reputation-run.ts');
    const run = await startReputation(${JSON.stringify({ directory, seeds, walksPerSeed })});
    const written = () => run.stages.slice(2).reduce((sum, stage) => sum + stage.stats().ok, 0);
    while (written() < ${rows} && (await run.stages[0].lag()).some(({ lag }) => lag > 0)) await new Promise(setImmediate);
    console.log('now');
    setInterval(() => undefined, 1000);
  `;
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '--eval', source],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const exited = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error('the process ended by itself'))),
  ]);
  child.kill('SIGKILL');
  await exited;
}
