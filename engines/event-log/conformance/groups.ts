import { expect, test } from '@jest/globals';
import type { ConsumeOptions } from '../port.ts';
import { type Subject, copies, gate, numbered, record, until } from './subject.ts';

/** Members of a group: who has which partition, and what becomes of those who die or are too slow. */
export function groups(subject: Subject): void {
  test('goal: members share partitions, pass them on one owner at a time, and together handle everything once', async () => {
    const [input, output] = [await subject.topic({ partitions: 4 }), await subject.topic()];
    const group = subject.name('group');
    const owners = new Map<number, string>();
    const member = (name: string): ConsumeOptions =>
      subject.consumer({
        group,
        topics: [input],
        batchMax: 5,
        onAssigned: ({ partition }) => {
          expect(owners.get(partition)).toBeUndefined();
          owners.set(partition, name);
          return Promise.resolve();
        },
        onRevoked: ({ partition }) => {
          expect(owners.get(partition)).toBe(name);
          owners.delete(partition);
          return Promise.resolve();
        },
        onBatch: ({ partition, records }) => {
          expect(owners.get(partition)).toBe(name);
          return Promise.resolve(copies(output, records));
        },
      });
    const shares = (): string => [...owners.values()].sort().join('');
    const feed = (prefix: string): Promise<unknown> => subject.log.append(numbered(input, 80, { prefix }));
    const a = await subject.log.consume(member('A'));
    await feed('one-');
    await until(() => shares() === 'AAAA');
    const b = await subject.log.consume(member('B'));
    await feed('two-');
    await until(() => shares() === 'AABB');
    const c = await subject.log.consume(member('C'));
    await feed('three-');
    await until(() => shares().length === 4 && new Set(shares()).size === 3);
    await a.close();
    await feed('four-');
    await until(() => shares() === 'BBCC');
    await subject.caughtUp(group, [input]);
    await Promise.all([b.close(), c.close()]);
    expect(owners.size).toBe(0);
    const ids = await subject.ids(output);
    expect(ids).toHaveLength(320);
    expect(new Set(ids).size).toBe(320);
  });

  test('a group has members from when one joins until the last has left; one that nobody ever joined has none', async () => {
    const input = await subject.topic({ partitions: 2 });
    const group = subject.name('group');
    expect(await subject.log.hasMembers(group)).toBe(false);
    const options = (): ConsumeOptions =>
      subject.consumer({ group, topics: [input], batchMax: 5, onBatch: () => Promise.resolve([]) });
    await subject.log.append(numbered(input, 10));
    const members = [await subject.log.consume(options()), await subject.log.consume(options())];
    await subject.caughtUp(group, [input]);
    expect(await subject.log.hasMembers(group)).toBe(true);
    for (const member of members) {
      expect(await subject.log.hasMembers(group)).toBe(true);
      await member.close();
    }
    expect(await subject.log.hasMembers(group)).toBe(false);
    expect((await subject.log.lag(group, [input])).every(({ lag }) => lag === 0)).toBe(true);
  });

  test('goal: a member that is too slow to give its partition back cannot commit any more', async () => {
    const [input, output] = [await subject.topic({ partitions: 2 }), await subject.topic()];
    const group = subject.name('group');
    await subject.log.append([0, 1].map((partition) => record(input, `r${partition}`, { partition })));
    const stuck = gate();
    const signals: AbortSignal[] = [];
    const errors: unknown[] = [];
    const zombie = await subject.log.consume(
      subject.consumer({
        group,
        topics: [input],
        onBatch: async ({ records }, signal) => {
          signals.push(signal);
          await stuck.opened;
          return copies(output, records).map((each) => ({ ...each, id: `zombie-${each.id}` }));
        },
        onError: (error) => errors.push(error),
      }),
    );
    await until(() => signals.length === 2);
    const onBatch: ConsumeOptions['onBatch'] = ({ records }) => Promise.resolve(copies(output, records));
    const heir = await subject.log.consume(subject.consumer({ group, topics: [input], onBatch }));
    await until(async () => (await subject.ids(output)).length === 1);
    const lost = signals.filter(({ aborted }) => aborted).length;
    expect(lost).toBe(1);
    stuck.open();
    await subject.caughtUp(group, [input]);
    await Promise.all([zombie.close(), heir.close()]);
    const ids = await subject.ids(output);
    expect([...ids].map((id) => id.replace('zombie-', '')).sort()).toEqual(['copy-r0', 'copy-r1']);
    expect(ids.filter((id) => id.startsWith('zombie-'))).toHaveLength(1);
    expect(errors).toHaveLength(1);
  });

  test('goal: killed in mid-batch, the next process goes on from the last commit: nothing lost, outputs once', async () => {
    const [input, output] = [await subject.topic({ partitions: 2 }), await subject.topic()];
    const group = subject.name('group');
    await subject.log.append(numbered(input, 40, { key: (n) => `key-${n % 5}` }));
    const hang = gate();
    let batches = 0;
    const before = subject.consumer({
      group,
      topics: [input],
      batchMax: 3,
      onBatch: async ({ records }) => {
        if (++batches > 5) await hang.opened;
        return copies(output, records);
      },
      onError: () => undefined,
    });
    await subject.log.consume(before);
    await until(() => batches > 6);
    await subject.crash();
    hang.open();
    const onBatch: ConsumeOptions['onBatch'] = ({ records }) => Promise.resolve(copies(output, records));
    const after = await subject.log.consume(subject.consumer({ group, topics: [input], onBatch }));
    await subject.caughtUp(group, [input]);
    await after.close();
    const ids = await subject.ids(output);
    expect([...ids].sort()).toEqual(
      numbered(input, 40)
        .map(({ id }) => `copy-${id}`)
        .sort(),
    );
  });

  test('goal: every group gets everything, at its own pace, from the start of the topic', async () => {
    const input = await subject.topic();
    await subject.log.append(numbered(input, 10));
    const seen: Record<string, string[]> = { fast: [], slow: [] };
    const slow = gate();
    const options = Object.entries(seen).map(([name, ids]) =>
      subject.consumer({
        topics: [input],
        onBatch: async ({ records }) => {
          if (name === 'slow') await slow.opened;
          ids.push(...records.map(({ id }) => id));
          return [];
        },
      }),
    );
    const consumers = await Promise.all(options.map((each) => subject.log.consume(each)));
    await subject.caughtUp(options[0]?.group as string, [input]);
    expect(seen['slow']).toEqual([]);
    slow.open();
    await subject.caughtUp(options[1]?.group as string, [input]);
    expect(seen['slow']).toEqual(seen['fast']);
    await Promise.all(consumers.map((consumer) => consumer.close()));
  });
}
