import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { createLogger } from '../../runtime/logger.ts';
import { tickSchema } from '../../schema/events/tick.ts';
import { topics } from '../../schema/topics.ts';
import { type Ticker, createTicker } from './ticker.ts';

const hourUs = 3_600_000_000;
const partitions = 2;
const nineUs = Date.UTC(2026, 0, 5, 9) * 1000;

type Engines = ReturnType<typeof openSqliteEngines>;

describe('the live clock’s ticks', () => {
  let directory: string;
  let engines: Engines;
  let nowUs: number;

  const ticker = (): Ticker =>
    createTicker(
      { latenessMs: 5_000, clock: { nowUs: () => nowUs }, pollMs: 5 },
      { ...engines, logger: createLogger('silent') },
    );

  /** Hours after nine of the ticks in each partition. */
  async function ticks(): Promise<readonly (readonly number[])[]> {
    const read = async (partition: number): Promise<readonly number[]> => {
      const records = await engines.eventLog.read({ topic: topics.events.name, partition, from: 0, limit: 10_000 });
      return records
        .map(({ value }) => tickSchema.parse(JSON.parse(value ?? '')))
        .map(({ wallUs }) => (wallUs - nineUs) / hourUs);
    };
    return Promise.all(Array.from({ length: partitions }, (_, partition) => read(partition)));
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vcos-test-ticker-'));
    engines = openSqliteEngines({ directory });
    await engines.eventLog.ensureTopics([{ ...topics.events, partitions }]);
  });
  afterEach(async () => {
    await engines.eventLog.close();
    await engines.store.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('goal: an hour is told once, in every partition, and only when its lateness has passed', async () => {
    nowUs = nineUs + 6_000_000;
    const clock = ticker();
    expect(await clock.tickDue()).toBe(1);
    expect(await clock.tickDue()).toBe(0);
    nowUs = nineUs + hourUs + 4_999_000;
    expect(await clock.tickDue()).toBe(0);
    nowUs += 1_000;
    expect(await clock.tickDue()).toBe(1);
    expect(await ticks()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test('goal: hours in which nothing ran are told after a restart, however many; nothing before the first start is', async () => {
    nowUs = nineUs + 6_000_000;
    await ticker().tickDue();
    nowUs += 1_000 * hourUs;
    expect(await ticker().tickDue()).toBe(1_000);
    expect((await ticks())[1]).toEqual(Array.from({ length: 1_001 }, (_, hour) => hour));
  });

  test('goal: a clock that steps back, and two tickers at once, repeat nothing', async () => {
    nowUs = nineUs + 6_000_000;
    await Promise.all([ticker().tickDue(), ticker().tickDue()]);
    nowUs -= 5 * hourUs;
    expect(await ticker().tickDue()).toBe(0);
    expect(await ticks()).toEqual([[0], [0]]);
  });

  test('goal: once started it ticks by itself until it is stopped', async () => {
    nowUs = nineUs + 6_000_000;
    const clock = ticker();
    const seen = engines.eventLog.tail({ topic: topics.events.name, from: 'start' });
    await clock.start();
    await seen.next();
    nowUs += hourUs;
    for (let tick = 1; tick < 2 * partitions; tick += 1) await seen.next();
    await clock.stop();
    await seen.return?.();
    expect(await ticks()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
