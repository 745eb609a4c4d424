import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutgoingRecord } from '../../engines/event-log/port.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import { topics } from '../../schema/topics.ts';
import { replayDeadLetters } from '../shared/replay-dead-letters.ts';
import { type CanonRun, deadLettersOf, startCanon, tablesOf, whenDrained } from '../../bench/shared/canon-run.ts';
import { dryRun } from '../shared/testing.ts';
import { canonProcessor } from './canon-pipeline.ts';
import { chainOf, communityOf, recordsOf } from './testing.ts';

/** Chains of several creators, one after the other. */
const community = communityOf(20);

const textRecord = (value: string, id: string): { topic: string; key: string; id: string; value: string } => ({
  topic: topics.events.name,
  key: 'noise',
  id,
  value,
});

describe('canon on the embedded engines', () => {
  let root: string;
  let open: CanonRun[];

  async function start(name: string, partitions?: number): Promise<CanonRun> {
    const run = await startCanon(
      partitions === undefined ? { directory: join(root, name) } : { directory: join(root, name), partitions },
    );
    open.push(run);
    return run;
  }

  /** The tables once everything that is in the log has arrived; ends the run. */
  async function finish(run: CanonRun): Promise<Awaited<ReturnType<typeof tablesOf>>> {
    await whenDrained(run.stages);
    const tables = await tablesOf(run.warehouse);
    await run.stop();
    return tables;
  }

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vcos-test-canon-'));
    open = [];
  });
  afterEach(async () => {
    for (const run of open) await run.stop();
    await rm(root, { recursive: true, force: true });
  });

  test('goal: killed again and again, it ends with the tables of an undisturbed run', async () => {
    const undisturbed = await start('undisturbed');
    await undisturbed.append(community);
    const expected = await finish(undisturbed);
    expect(expected.events).toHaveLength(community.length);

    for (const rows of [1, 300, 600]) await killAfter(join(root, 'killed'), rows);
    const last = await start('killed');
    await last.append(community);
    expect(await finish(last)).toEqual(expected);
  }, 60_000);

  test('goal: each partition has its own state, and it is there again after a restart', async () => {
    const first = await start('partitions', 3);
    await first.append(community.filter(({ entityVersion }) => entityVersion <= 20));
    await whenDrained(first.stages);
    await first.stop();
    const second = await start('partitions', 3);
    await second.append(community);
    const { events } = await finish(second);
    expect(events).toHaveLength(community.length);
    expect(new Set(events.map(({ log_partition }) => log_partition)).size).toBe(3);
    expect(await deadLettersOf(second.eventLog).catch(() => [])).toEqual([]);
  });

  test('goal: what cannot be read or believed is put aside and holds up nobody; mended, it is sent again', async () => {
    const run = await start('poison');
    const [a, b, c] = chainOf({ entityId: 'late', length: 3 });
    await run.eventLog.append([textRecord('noise', 'n1'), textRecord('{}', 'n2')]);
    await run.append([a, c]);
    await run.eventLog.append([
      textRecord(canonicalJson({ ...b, actor: 'x' }), 'n3'),
      { ...textRecord('', 'n4'), value: '' },
    ]);
    await run.append(chainOf({ entityId: 'other', length: 2 }));
    await whenDrained(run.stages);
    expect((await deadLettersOf(run.eventLog)).map(({ reason, offset, id }) => [reason, offset, id])).toEqual([
      ['UNDECODABLE', 0, 'n1'],
      ['UNDECODABLE', 1, 'n2'],
      ['CHAIN_BROKEN', 3, c?.id],
      ['HASH_MISMATCH', 4, 'n3'],
      ['UNDECODABLE', 5, 'n4'],
    ]);
    expect((await tablesOf(run.warehouse)).events).toHaveLength(3);

    await run.append([b]);
    expect(await replayDeadLetters(run.eventLog, { processor: 'canon', reason: 'CHAIN_BROKEN' })).toEqual({
      replayed: 1,
      before: 0,
      lost: 0,
    });
    expect(await replayDeadLetters(run.eventLog, { reason: 'CHAIN_BROKEN' })).toEqual({
      replayed: 0,
      before: 1,
      lost: 0,
    });
    const { events } = await finish(run);
    expect(events.filter(({ entity_id }) => entity_id === 'late')).toHaveLength(3);
  });

  test('goal: rows that do not fit are put aside by the sink, and their neighbours are stored', async () => {
    const run = await start('bad-row');
    const [row] = dryRun(canonProcessor, recordsOf(chainOf({ entityId: 'c', length: 1 }))).emitted('canonStatus');
    const rowRecord = (id: string, change: object): OutgoingRecord => {
      const value = JSON.stringify(Object.assign({ ...(row as object) }, { event_id: id }, change));
      return { topic: topics.canonStatus.name, key: id, id, value };
    };
    // One field twice is JSON, and no row of ClickHouse.
    const twice = rowRecord('twice', {});
    await run.eventLog.append([
      rowRecord('good', {}),
      rowRecord('negative', { seq: -1 }),
      rowRecord('half a pair', { reason: '\ud800' }),
      { ...twice, value: twice.value?.replace('{', '{"seq":1,') ?? null },
      rowRecord('good too', {}),
    ]);
    await whenDrained(run.stages);
    expect(await deadLettersOf(run.eventLog)).toMatchObject([
      {
        id: 'negative',
        processor: 'sink-platform-canon-status',
        reason: 'INVALID_ROW',
        message: expect.stringContaining('seq'),
      },
      { id: 'half a pair', reason: 'INVALID_ROW', message: expect.stringContaining('reason') },
      { id: 'twice', reason: 'REFUSED_BY_WAREHOUSE', message: expect.stringContaining('INCORRECT_DATA') },
    ]);
    expect((await finish(run)).statuses.map(({ event_id }) => event_id)).toEqual(['good', 'good too']);
  });

  test('goal: a warehouse that was moved away is filled anew from the log', async () => {
    const first = await start('refill');
    await first.append(community.slice(0, 100));
    const before = await finish(first);
    await rm(join(root, 'refill', 'warehouse'), { recursive: true });
    expect(await finish(await start('refill'))).toEqual(before);
  });
});

/** Runs canon in a process of its own and kills it, without a warning, while it works, once the warehouse has that many rows more. */
async function killAfter(directory: string, rows: number): Promise<void> {
  const source = `
    const { startCanon } = await import('../../bench/shared/canon-run.ts');
    const { communityOf } = await import('./testing.ts');
    const run = await startCanon({ directory: ${JSON.stringify(directory)} });
    const written = () => run.stages.slice(1).reduce((sum, stage) => sum + stage.stats().ok, 0);
    for (const event of communityOf(20)) {
      await run.append([event]);
      if (written() >= ${rows}) break;
    }
    console.log('now');
    setInterval(() => undefined, 1000);
  `;
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '--eval', source],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('the process ended by itself')));
  await Promise.race([once(child.stdout, 'data'), exited]);
  child.kill('SIGKILL');
  await exited.catch(() => undefined);
}
