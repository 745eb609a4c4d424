import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { whenDrained } from '../../bench/shared/canon-run.ts';
import type { EventLog, OutgoingRecord } from '../../engines/event-log/port.ts';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type EmbeddedEngines, openEmbeddedEngines } from '../../infra/embedded-engines.ts';
import { createLogger } from '../../runtime/logger.ts';
import { deadLetterSchema } from '../../schema/dead-letter.ts';
import { topics } from '../../schema/topics.ts';
import { createSink } from './sink.ts';
import type { Stage } from './stage.ts';

describe('a sink', () => {
  let engines: EmbeddedEngines;
  let warehouse: Warehouse;

  const sink = (): Stage =>
    createSink(
      { topic: 'telemetryTallies', table: 'analytics.client_answers', lingerMs: 20 },
      { ...engines, warehouse, logger: createLogger('silent') },
    );
  const row = (question: string, reports: number): string =>
    JSON.stringify({ question, day: '2026-01-05 00:00:00.000', reports, reported: [reports] });
  const append = (values: readonly string[]): Promise<unknown> =>
    engines.eventLog.append(values.map((value) => ({ topic: topics.telemetryTallies.name, key: 'k', id: '', value })));
  const stored = (): Promise<readonly unknown[]> =>
    warehouse.query('SELECT question, reports FROM analytics.client_answers FINAL ORDER BY question');
  const lagOf = async (stage: Stage): Promise<number> => (await stage.lag()).reduce((sum, { lag }) => sum + lag, 0);

  beforeEach(async () => {
    engines = await openEmbeddedEngines();
    warehouse = await openChdbWarehouse({ path: join(engines.dataDir, 'warehouse') });
    await warehouse.migrate();
  });
  afterEach(async () => {
    await warehouse.close();
    await engines.close();
  });

  test('goal: its lag is that of its group, also asked of one that is not started: whoever waits for another process’ sink must not think that it is through', async () => {
    await append([row('a', 1), row('b', 2), row('c', 3)]);
    const [worker, observer] = [sink(), sink()];
    expect(await lagOf(observer)).toBe(3);
    await worker.start();
    await whenDrained([observer]);
    // Offsets move after the rows are there.
    expect(await stored()).toHaveLength(3);
    await worker.stop();
    await append([row('a', 4)]);
    expect([await lagOf(observer), await lagOf(worker)]).toEqual([1, 1]);
  });

  test('goal: what is no row becomes a dead letter and holds nobody up; the next start goes on behind it', async () => {
    await append([row('a', 1), '{"question":"b"}', 'no JSON', row('c', 3)]);
    const worker = sink();
    await worker.start();
    await whenDrained([worker]);
    await worker.stop();
    const letters = await engines.eventLog.read({ topic: topics.deadLetters.name, partition: 0, from: 0, limit: 9 });
    const reasons = letters.map(({ value }) => deadLetterSchema.parse(JSON.parse(value ?? '')));
    expect(reasons.map(({ reason, offset }) => [reason, offset])).toEqual([
      ['INVALID_ROW', 1],
      ['INVALID_ROW', 2],
    ]);
    await append([row('c', 4)]);
    await worker.start();
    await whenDrained([worker]);
    await worker.stop();
    expect(await stored()).toEqual([
      { question: 'a', reports: 1 },
      { question: 'c', reports: 4 },
    ]);
  });

  test('goal: a warehouse made anew is filled from the start without a second letter of what was put aside, on a log too that drops no repetitions', async () => {
    await append([row('a', 1), 'no JSON']);
    const worker = sink();
    await worker.start();
    await whenDrained([worker]);
    await worker.stop();
    await append(['no JSON either']);
    const written: OutgoingRecord[] = [];
    const anew = createSink(
      { topic: 'telemetryTallies', table: 'analytics.client_answers', lingerMs: 20 },
      {
        ...{ ...engines, warehouse: withIdentity('new'), logger: createLogger('silent') },
        eventLog: observed(engines.eventLog, written),
      },
    );
    await anew.start();
    await whenDrained([anew]);
    await anew.stop();
    expect(written.map(({ id }) => id)).toEqual([`sink-analytics-client-answers:${topics.telemetryTallies.name}:0:2`]);
  });

  const withIdentity = (identity: string): Warehouse =>
    Object.assign(Object.create(warehouse) as Warehouse, {
      identity: () => Promise.resolve(identity),
      insert: (...insert: Parameters<Warehouse['insert']>) => warehouse.insert(...insert),
    });
});

/** The log; what its consumers write is also in `written`, repetitions included. */
function observed(eventLog: EventLog, written: OutgoingRecord[]): EventLog {
  return {
    ...{
      ends: (topic) => eventLog.ends(topic),
      read: (options) => eventLog.read(options),
      lag: (group, names) => eventLog.lag(group, names),
      partitionsOf: (topic) => eventLog.partitionsOf(topic),
    },
    consume: (options) =>
      eventLog.consume({
        ...options,
        async onBatch(batch, signal) {
          const outgoing = await options.onBatch(batch, signal);
          written.push(...outgoing);
          return outgoing;
        },
      }),
  } as EventLog;
}
