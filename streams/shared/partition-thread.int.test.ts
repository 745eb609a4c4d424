import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { canonicalJson } from '../../schema/events/envelope.ts';
import { canonProcessor } from '../canon/canon-pipeline.ts';
import { chainOf } from '../canon/testing.ts';
import { PartitionThread } from './partition-thread.ts';
import { LocalPartitions } from './partitions.ts';
import { brittleProcessor, recordOf } from './testing.ts';

const changelog = 'changelog';
const threads: PartitionThread[] = [];
afterEach(() => Promise.all(threads.splice(0).map((thread) => thread.close())));

function open(place = canonProcessor.place): PartitionThread {
  if (!place) throw new Error('this processor runs on no thread of its own');
  const thread = new PartitionThread({ place, changelog });
  threads.push(thread);
  return thread;
}

const brittle = { module: new URL('./testing.ts', import.meta.url).href, name: 'brittleProcessor' };

/** What the log makes of records that a processor emitted, in one partition. */
const asStored = (records: readonly OutgoingRecord[]): readonly LogRecord[] =>
  records
    .filter(({ topic }) => topic === changelog)
    .map(({ key, id, value }, offset) => recordOf({ topic: changelog, key, id, value, offset }));

/** Without when dead letters were put aside. */
const comparable = (records: readonly OutgoingRecord[]): readonly OutgoingRecord[] =>
  records.map((record) => ({
    ...record,
    value: record.value?.replace(/"refusedAtMs":\d+/, '') ?? null,
  }));

test('goal: on a thread of its own a processor does what it does here, batch by batch, and from a restored state on', async () => {
  const thread = open();
  const entities = Array.from({ length: 4 }, (_, n) => chainOf({ entityId: `e${n}`, length: 6 }));
  const texts = entities.flat().map((event) => canonicalJson(event));
  const mixed = fc.array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...texts) }, fc.string()), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(mixed, fc.integer({ min: 1, max: 30 }), async (values, size) => {
      const here = new LocalPartitions(canonProcessor, { changelog, nowMs: () => 0 });
      here.begin(3);
      await thread.begin(3);
      const records = values.map((value, offset) => recordOf({ value, offset, partition: 3 }));
      for (let at = 0; at < records.length; at += size) {
        const batch = records.slice(at, at + size);
        const [expected, handled] = [here.handle(3, batch), await thread.handle(3, batch)];
        expect(comparable(handled.outgoing)).toEqual(comparable(expected.outgoing));
        expect([handled.outcomes, handled.putAside]).toEqual([expected.outcomes, expected.putAside]);
        if (at !== 0) continue;
        // From here on out of what the changelog holds.
        here.begin(3);
        here.restore(3, asStored(expected.outgoing));
        await thread.begin(3);
        await thread.restore(3, asStored(handled.outgoing));
      }
    }),
    { numRuns: 30 },
  );
});

test('a partition that was not begun, or has ended, is refused; others go on', async () => {
  const thread = open();
  await thread.begin(0);
  await expect(thread.handle(1, [])).rejects.toThrow('partition 1 of processor canon was not begun');
  await thread.end(0);
  await expect(thread.handle(0, [])).rejects.toThrow('partition 0 of processor canon was not begun');
  await thread.begin(1);
  expect(await thread.handle(1, [])).toMatchObject({ outgoing: [], outcomes: [] });
});

test('what a step threw is told by its name and place', async () => {
  const thread = open(brittle);
  await thread.begin(0);
  const { outcomes, putAside } = await thread.handle(0, [recordOf({ value: 'throw', offset: 7 })]);
  expect(outcomes).toEqual([{ outcome: 'deadLetter', reason: 'HANDLER_FAILED', count: 1 }]);
  expect(putAside).toEqual([
    { offset: 7, reason: 'HANDLER_FAILED', thrown: { name: 'RangeError', at: expect.any(Array) } },
  ]);
  expect(JSON.stringify(putAside)).toContain('testing.ts');
  expect(JSON.stringify(putAside)).not.toContain('secret');
});

test('goal: a thread that dies loses what it was asked, and whoever begins again gets a new one', async () => {
  const thread = open(brittle);
  await thread.begin(0);
  const asked = [thread.handle(0, [recordOf({ value: 'die', offset: 0 })]), thread.handle(0, [])];
  for (const each of asked) await expect(each).rejects.toThrow('has ended');
  await expect(thread.handle(0, [])).rejects.toThrow('has ended');
  await thread.begin(1);
  await expect(thread.handle(0, [])).rejects.toThrow('partition 0 of processor brittle was not begun');
  const { outcomes } = await thread.handle(1, [recordOf({ value: 'fine', offset: 1 })]);
  expect(outcomes).toEqual([{ outcome: 'ok', reason: '', count: 1 }]);
});

test('a processor that the thread does not find is told', async () => {
  await expect(open({ ...brittle, name: 'nobody' }).begin(0)).rejects.toThrow('exports no processor nobody');
});

test('the processor for tests does here what it does there', () => {
  const here = new LocalPartitions(brittleProcessor, { changelog, nowMs: () => 0 });
  here.begin(0);
  expect(here.handle(0, [recordOf({ value: 'fine', offset: 0 })]).outcomes).toEqual([
    { outcome: 'ok', reason: '', count: 1 },
  ]);
});
