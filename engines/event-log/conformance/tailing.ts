import { expect, test } from '@jest/globals';
import type { LogRecord } from '../port.ts';
import { type Subject, numbered, record } from './subject.ts';

async function takeRecords(tail: AsyncIterator<LogRecord, unknown>, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  while (records.length < count) {
    const result = await tail.next();
    if (result.done === true) throw new Error(`the tail ended after ${records.length} of ${count}`);
    records.push(result.value);
  }
  return records;
}

async function take(tail: AsyncIterator<LogRecord, unknown>, count: number): Promise<string[]> {
  return (await takeRecords(tail, count)).map(({ id }) => id);
}

/** Following a topic without a group. */
export function tailing(subject: Subject): void {
  test('goal: a tail begins where it is told', async () => {
    const topic = await subject.topic();
    const places = await subject.log.append(numbered(topic, 5));
    const fromStart = subject.log.tail({ topic, from: 'start' });
    const fromEnd = subject.log.tail({ topic, from: 'end' });
    const fromOffset = subject.log.tail({ topic, from: [{ partition: 0, offset: places[3]?.offset as number }] });
    const news = take(fromEnd, 1);
    await subject.log.append([record(topic, 'new')]);
    expect(await news).toEqual(['new']);
    expect(await take(fromStart, 6)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'new']);
    expect(await take(fromOffset, 3)).toEqual(['r3', 'r4', 'new']);
    for (const tail of [fromStart, fromEnd, fromOffset]) await tail.return?.();
    await expect(subject.log.tail({ topic, from: [] }).next()).rejects.toThrow(RangeError);
  });

  test('goal: from reading to following without gap or repeat while records keep coming', async () => {
    const topic = await subject.topic({ partitions: 3 });
    const writers = [0, 1, 2].map(async (writer) => {
      for (let n = 0; n < 100; n++) await subject.log.append(numbered(topic, 3, { prefix: `${writer}-${n}-` }));
    });
    await subject.log.append(numbered(topic, 20));
    const seen: LogRecord[] = [];
    const positions: { partition: number; offset: number }[] = [];
    for (let partition = 0; partition < 3; partition++) {
      const read = await subject.log.read({ topic, partition, from: 0, limit: 10_000 });
      seen.push(...read);
      positions.push({ partition, offset: (read.at(-1)?.offset ?? -1) + 1 });
    }
    const tail = subject.log.tail({ topic, from: positions });
    seen.push(...(await takeRecords(tail, 920 - seen.length)));
    await Promise.all(writers);
    await tail.return?.();
    const inOrder = seen.toSorted((a, b) => a.partition - b.partition);
    expect(inOrder).toEqual(await subject.readAll(topic));
  });

  test('goal: a follower that sleeps through thousands of records gets them all in order', async () => {
    const topic = await subject.topic();
    const tail = subject.log.tail({ topic, from: 'start' });
    for (let n = 0; n < 5; n++) await subject.log.append(numbered(topic, 500, { prefix: `${n}-` }));
    expect(await take(tail, 2_500)).toEqual(await subject.ids(topic));
    await tail.return?.();
  });

  test('goal: answers come in the order asked, also when asked ahead', async () => {
    const topic = await subject.topic();
    const tail = subject.log.tail({ topic, from: 'end' });
    const ahead = [tail.next(), tail.next(), tail.next()];
    await subject.log.append(numbered(topic, 2));
    const two = await Promise.all(ahead.slice(0, 2));
    expect(two.map(({ value }) => (value as { id: string }).id)).toEqual(['r0', 'r1']);
    await tail.return?.();
    expect(await ahead[2]).toEqual({ done: true, value: undefined });
  });

  test('goal: return, a signal or the log’s end free a waiting follower at once', async () => {
    const topic = await subject.topic();
    const over = { done: true, value: undefined };
    const returned = subject.log.tail({ topic, from: 'end' });
    const pending = returned.next();
    expect(await returned.return?.()).toEqual(over);
    expect(await pending).toEqual(over);
    const stop = new AbortController();
    const aborted = subject.log.tail({ topic, from: 'end', signal: stop.signal });
    const waiting = aborted.next();
    stop.abort();
    expect(await waiting).toEqual(over);
    expect(await subject.log.tail({ topic, from: 'start', signal: stop.signal }).next()).toEqual(over);
    const closing = subject.log.tail({ topic, from: 'end' }).next();
    await subject.reopen();
    expect(await closing).toEqual(over);
  });
}
