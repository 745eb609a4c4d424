import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ConsumeOptions } from '../port.ts';
import { type Subject, copies, gate, plain, until } from './subject.ts';

/** What may happen to a log: records come, a group catches up (stumbling on the way), the process dies between or within batches. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), keys: fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }) }),
  fc.record({ kind: fc.constant('consume' as const), batchMax: fc.integer({ min: 1, max: 5 }), failures: fc.nat(2) }),
  fc.record({ kind: fc.constant('dieInBatch' as const), batchMax: fc.integer({ min: 1, max: 5 }), after: fc.nat(3) }),
  fc.record({ kind: fc.constant('dieSoon' as const), batchMax: fc.integer({ min: 1, max: 3 }), turns: fc.nat(25) }),
  fc.record({ kind: fc.constant('die' as const) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

interface World {
  readonly input: string;
  readonly output: string;
  readonly group: string;
  /** Ids of the records appended, by key, in order: all that the model needs to know. */
  readonly byKey: Map<string, string[]>;
}

/** Against a model that only knows which ids were acknowledged: whatever happened, the copy holds exactly those, in order per key. */
export function modelled(subject: Subject): void {
  test('goal: whatever happens in whatever order, outputs are those of an undisturbed run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 10 }), async (happenings) => {
        const world: World = {
          input: await subject.topic({ partitions: 2 }),
          output: await subject.topic({ partitions: 2 }),
          group: subject.name('group'),
          byKey: new Map(),
        };
        for (const each of happenings) await happen(subject, world, each);
        await happen(subject, world, { kind: 'consume', batchMax: 100, failures: 0 });
        const copied = await subject.readAll(world.output);
        for (const [key, ids] of world.byKey) {
          expect(copied.filter((each) => each.key === key).map(({ id }) => plain(id))).toEqual(
            ids.map((id) => `copy-${id}`),
          );
        }
        expect(copied).toHaveLength([...world.byKey.values()].flat().length);
      }),
      { numRuns: subject.adapter.stories },
    );
  });
}

async function happen(
  subject: Subject,
  world: World,
  event: typeof happening extends fc.Arbitrary<infer T> ? T : never,
): Promise<void> {
  if (event.kind === 'append') await append(subject, world, event.keys);
  if (event.kind === 'die') await subject.crash();
  if (event.kind === 'restart') await subject.reopen();
  if (event.kind === 'consume') await consume(subject, world, event);
  if (event.kind === 'dieSoon') await dieSoon(subject, world, event);
  if (event.kind === 'dieInBatch') await dieInBatch(subject, world, event);
}

async function append(subject: Subject, world: World, keys: readonly number[]): Promise<void> {
  const records = keys.map((key) => ({ topic: world.input, key: `k${key}`, id: subject.name('id'), value: '{}' }));
  await subject.log.append(records);
  for (const { key, id } of records) world.byKey.set(key, [...(world.byKey.get(key) ?? []), id]);
}

async function consume(subject: Subject, world: World, given: { batchMax: number; failures: number }): Promise<void> {
  let failures = 0;
  const onBatch: ConsumeOptions['onBatch'] = ({ records }) => {
    if (failures++ < given.failures) return Promise.reject(new Error('stumbled'));
    return Promise.resolve(copies(world.output, records));
  };
  const options = {
    group: world.group,
    topics: [world.input],
    batchMax: given.batchMax,
    onBatch,
    onError: () => undefined,
  };
  const consumer = await subject.log.consume(options);
  await subject.caughtUp(world.group, [world.input]);
  await consumer.close();
}

async function dieInBatch(subject: Subject, world: World, given: { batchMax: number; after: number }): Promise<void> {
  const [never, reached] = [gate(), gate()];
  let batches = 0;
  const onBatch: ConsumeOptions['onBatch'] = async ({ records }) => {
    if (batches++ >= given.after) {
      reached.open();
      await never.opened;
    }
    return copies(world.output, records);
  };
  const options = {
    group: world.group,
    topics: [world.input],
    batchMax: given.batchMax,
    onBatch,
    onError: () => undefined,
  };
  await subject.log.consume(options);
  const caughtUp = async (): Promise<boolean> =>
    (await subject.log.lag(world.group, [world.input])).every(({ lag }) => lag === 0);
  let isReached = false;
  void reached.opened.then(() => (isReached = true));
  await until(async () => isReached || (await caughtUp()));
  await subject.crash();
  never.open();
}

/** Dies some turns of the event loop after it began to consume, wherever that finds it. */
async function dieSoon(subject: Subject, world: World, given: { batchMax: number; turns: number }): Promise<void> {
  const onBatch: ConsumeOptions['onBatch'] = ({ records }) => Promise.resolve(copies(world.output, records));
  const options = { group: world.group, topics: [world.input], batchMax: given.batchMax, onBatch };
  await subject.log.consume({ ...options, onError: () => undefined });
  for (let turn = 0; turn < given.turns; turn++) await nextTurn();
  await subject.crash();
}
