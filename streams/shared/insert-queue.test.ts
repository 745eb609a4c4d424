import { expect, test } from '@jest/globals';
import { InvalidRowError, type Warehouse } from '../../engines/warehouse/port.ts';
import type { RowText } from '../../schema/warehouse/row-text.ts';
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { InsertQueue } from './insert-queue.ts';

type Row = RowOf<'platform.canon_status'>;
const row = (id: string): Row => ({
  event_id: id,
  seq: 0,
  status: 'CANONICAL',
  reason: '',
  decider: 'rule',
  contradiction: null,
  moved_at: '2024-01-01 00:00:00.000',
});

/** Takes down what is inserted; `outcome` may refuse it. */
function queueOver(outcome: (ids: readonly string[]) => void, rowsMin = 1_000) {
  const inserts: { ids: readonly string[]; token: string }[] = [];
  const warehouse: Pick<Warehouse, 'insert'> = {
    async insert(_table, rows, token) {
      const ids = rows.map((each) => (each as Row).event_id);
      outcome(ids);
      inserts.push({ ids, token });
      await Promise.resolve();
    },
  };
  return { inserts, queue: new InsertQueue({ warehouse, table: 'platform.canon_status', gatherMs: 5, rowsMin }) };
}

test('goal: calls that wait share one insert, whose token names all of them and nothing else', async () => {
  const { inserts, queue } = queueOver(() => undefined);
  await Promise.all([queue.insert([row('a')], 't:0:0-0'), queue.insert([row('b'), row('c')], 't:1:0-1')]);
  await queue.insert([row('d')], 't:0:1-1');
  expect(inserts.map(({ ids }) => ids)).toEqual([['a', 'b', 'c'], ['d']]);
  expect(inserts[1]?.token).toBe('t:0:1-1');
  const again = queueOver(() => undefined);
  await Promise.all([again.queue.insert([row('a')], 't:0:0-0'), again.queue.insert([row('b')], 't:1:0-0')]);
  expect(again.inserts[0]?.token).not.toBe(inserts[0]?.token);
});

test('limit: calls of long rows go one after the other', async () => {
  const { inserts, queue } = queueOver(() => undefined);
  const long = 'x'.repeat(30_000_000) as RowText<'platform.canon_status'>;
  await Promise.all(['a', 'b', 'c'].map((token) => queue.insert([long], token)));
  expect(inserts.map(({ ids }) => ids.length)).toEqual([2, 1]);
});

test('goal: enough rows wait for nobody', async () => {
  const { inserts, queue } = queueOver(() => undefined, 2);
  const started = performance.now();
  await queue.insert([row('a'), row('b')], 't');
  expect(inserts).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('goal: a row that does not fit rejects its own call only; an outage rejects all', async () => {
  const picky = queueOver((ids) => {
    if (ids.includes('bad')) throw new InvalidRowError('row 0 does not fit');
  });
  const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((id) => picky.queue.insert([row(id)], `t:${id}`)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(picky.inserts).toEqual([
    { ids: ['a'], token: 't:a' },
    { ids: ['c'], token: 't:c' },
  ]);
  const away = queueOver(() => {
    throw new Error('no answer');
  });
  const all = await Promise.allSettled(['a', 'b'].map((id) => away.queue.insert([row(id)], `t:${id}`)));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
