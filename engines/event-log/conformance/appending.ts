import { expect, test } from '@jest/globals';
import { LogUnavailableError, TopicError, UnknownTopicError } from '../port.ts';
import { type Subject, numbered, record } from './subject.ts';

/** What is stored, where, and what is refused. */
export function appending(subject: Subject): void {
  test('goal: records of one key share a partition and keep their order; every record is where append said', async () => {
    const topic = await subject.topic({ partitions: 3 });
    const given = numbered(topic, 60, { key: (n) => `key-${n % 7}` });
    const places = [...(await subject.log.append(given.slice(0, 31))), ...(await subject.log.append(given.slice(31)))];
    const stored = await subject.readAll(topic);
    expect(stored).toHaveLength(60);
    for (const [n, { partition, offset, duplicate }] of places.entries()) {
      const found = stored.find((each) => each.partition === partition && each.offset === offset);
      expect({ duplicate, id: found?.id, key: found?.key }).toEqual({
        duplicate: false,
        id: `r${n}`,
        key: `key-${n % 7}`,
      });
    }
    for (let key = 0; key < 7; key++) {
      const ofKey = stored.filter((each) => each.key === `key-${key}`);
      expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
      expect(ofKey.map(({ id }) => id)).toEqual(given.filter((each) => each.key === `key-${key}`).map(({ id }) => id));
    }
    expect(new Set(stored.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('goal: a partition can be named; one that does not exist is refused', async () => {
    const topic = await subject.topic({ partitions: 3 });
    const [place] = await subject.log.append([record(topic, 'a', { partition: 2 })]);
    expect(place?.partition).toBe(2);
    for (const partition of [3, -1, 0.5]) {
      await expect(subject.log.append([record(topic, 'b', { partition })])).rejects.toThrow(RangeError);
      await expect(subject.log.read({ topic, partition, from: 0, limit: 1 })).rejects.toThrow(RangeError);
    }
    expect(await subject.ids(topic)).toEqual(['a']);
  });

  test('goal: all records or none', async () => {
    const topic = await subject.topic();
    const given = [record(topic, 'a'), record('no-such-topic', 'b'), record(topic, 'c')];
    await expect(subject.log.append(given)).rejects.toThrow(UnknownTopicError);
    expect(await subject.ids(topic)).toEqual([]);
    expect(await subject.log.append([])).toEqual([]);
  });

  test('goal: a repeated id is told its old place, within a call, later and after a restart; an empty id never repeats', async () => {
    const [topic, other] = [await subject.topic({ partitions: 2 }), await subject.topic()];
    // The port leaves it to consumers where the engine cannot.
    if (!subject.adapter.dropsRepetitions) return;
    const [first, again] = await subject.log.append([record(topic, 'a'), record(topic, 'a', { key: 'another' })]);
    expect(again).toEqual({ ...first, duplicate: true });
    await subject.reopen();
    const later = await subject.log.append([record(topic, 'b'), record(topic, 'a'), record(other, 'a')]);
    expect(later.map(({ duplicate }) => duplicate)).toEqual([false, true, false]);
    expect(later[1]).toEqual({ ...first, duplicate: true });
    await subject.log.append([record(other, '', { key: 'k' }), record(other, '', { key: 'k' })]);
    expect([...(await subject.ids(topic))].sort()).toEqual(['a', 'b']);
    expect(await subject.ids(other)).toEqual(['a', '', '']);
  });

  test('goal: whatever text goes in comes out, also after a crash', async () => {
    const topic = await subject.topic();
    const values = ['é漢😀 "\\ \0', '', null, 'x'.repeat(70_000)];
    const given = values.map((value, n) => record(topic, `id-${n}`, { key: value?.slice(0, 50) ?? '', value }));
    const before = Date.now();
    await subject.log.append(given);
    await subject.crash();
    const stored = await subject.readAll(topic);
    expect(stored.map(({ key, id, value }) => ({ topic, key, id, value }))).toEqual(given);
    for (const { appendedAtMs } of stored) {
      expect(appendedAtMs).toBeGreaterThanOrEqual(before - 1_000);
      expect(appendedAtMs).toBeLessThanOrEqual(Date.now() + 1_000);
    }
  });

  test('goal: reading starts at an offset, stops at the limit and ends at the end', async () => {
    const topic = await subject.topic();
    const places = await subject.log.append(numbered(topic, 10));
    const from = places[4]?.offset as number;
    const some = await subject.log.read({ topic, partition: 0, from, limit: 3 });
    expect(some.map(({ id }) => id)).toEqual(['r4', 'r5', 'r6']);
    const [end] = (await subject.log.ends(topic)) as [number];
    expect(end).toBeGreaterThan(places[9]?.offset as number);
    expect(await subject.log.read({ topic, partition: 0, from: end, limit: 3 })).toEqual([]);
  });

  test('goal: topics are made once; what would move keys is refused, naming both numbers', async () => {
    const topic = await subject.topic({ partitions: 2 });
    await subject.log.ensureTopics([{ name: topic, partitions: 2, cleanup: 'keep' }]);
    await subject.log.ensureTopics([{ name: topic, partitions: 1, cleanup: 'keep' }]);
    expect(await subject.log.partitionsOf(topic)).toBe(2);
    const more = subject.log.ensureTopics([{ name: topic, partitions: 5, cleanup: 'keep' }]);
    await expect(more).rejects.toThrow(/2 partitions.*5/);
    await expect(more).rejects.toThrow(TopicError);
    expect(await subject.log.partitionsOf(topic)).toBe(2);
  });

  test('goal: a topic that nobody made is an error, whatever is asked of it', async () => {
    const topic = 'never-made';
    const onBatch = (): Promise<never[]> => Promise.resolve([]);
    const asked = [
      () => subject.log.append([record(topic, 'a')]),
      () => subject.log.partitionsOf(topic),
      () => subject.log.read({ topic, partition: 0, from: 0, limit: 1 }),
      () => subject.log.ends(topic),
      () => subject.log.lag('group', [topic]),
      () => subject.log.tail({ topic, from: 'end' }).next(),
      () => subject.log.consume(subject.consumer({ topics: [topic], onBatch })),
    ];
    for (const ask of asked) await expect(ask()).rejects.toThrow(UnknownTopicError);
  });

  test('goal: a compacted topic keeps the newest record of every key, and the news that a key is gone', async () => {
    const topic = await subject.topic({ partitions: 2, cleanup: 'compact' });
    const newest = new Map<string, string | null>();
    for (let n = 0; n < 50; n++) {
      const [key, value] = [`key-${n % 6}`, n % 10 === 9 ? null : String(n)];
      newest.set(key, value);
      await subject.log.append([record(topic, `id-${n}`, { key, value })]);
    }
    const left = new Map((await subject.readAll(topic)).map(({ key, value }) => [key, value]));
    expect(left).toEqual(newest);
  });

  test('goal: a closed log says so', async () => {
    const topic = await subject.topic();
    const closed = subject.log;
    await subject.reopen();
    await expect(closed.append([record(topic, 'a')])).rejects.toThrow(LogUnavailableError);
    await expect(closed.ends(topic)).rejects.toThrow(LogUnavailableError);
    await closed.close();
  });
}
