import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '../port.ts';
import { type Cursor, FetchLoop, askedAlone } from './fetch-loop.ts';
import { type FetchFrom, type Fetched, type Wire, WireError, type WireRecord } from './wire.ts';

const record = (offset: number): WireRecord => ({ offset, key: 'k', id: `id-${offset}`, value: null, appendedAtMs: 0 });

/** A broker that holds records with gaps (markers, compacted ones) and does not always give what it has; what it may answer, not what it mostly does. */
function brokerOf(
  partitions: readonly (readonly number[])[],
  end: number,
  isEmpty: () => boolean,
): Pick<Wire, 'fetch'> {
  const answer = ({ topic, partition, offset }: FetchFrom): Fetched => {
    const behind = (partitions[partition] ?? []).filter((each) => each >= offset).slice(0, 3);
    const last = behind.length < 3 ? end - 1 : (behind.at(-1) ?? offset);
    return isEmpty()
      ? { topic, partition, records: [], next: offset, stableEnd: end }
      : { topic, partition, records: behind.map(record), next: Math.max(offset, last + 1), stableEnd: end };
  };
  return {
    fetch: async (wanted) => {
      await new Promise((resolve) => setImmediate(resolve));
      return wanted.map(answer);
    },
  };
}

async function readAll(wire: Pick<Wire, 'fetch'>, count: number, end: number): Promise<readonly (readonly number[])[]> {
  const taken: number[][] = Array.from({ length: count }, () => []);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const loop = new FetchLoop(wire as Wire, { onError: reject, bytesMin: 1 });
  const cursors = taken.map((mine, partition): Cursor => ({
    topic: 't',
    partition,
    position: 0,
    wants: () => true,
    take(records: readonly LogRecord[]) {
      mine.push(...records.map(({ offset }) => offset));
      if (cursors.every(({ position }) => position === end)) resolve(undefined);
    },
    failed: reject,
  }));
  for (const cursor of cursors) loop.add(cursor);
  await promise;
  for (const cursor of cursors) loop.remove(cursor);
  await loop.close();
  return taken;
}

describe('what is fetched', () => {
  test('property: every record is taken once and in order, however often a broker answers with nothing although it has something: an empty answer says nothing of what lies there', async () => {
    const holdings = fc.array(fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(holdings, fc.infiniteStream(fc.boolean()), async (given, empties) => {
        const partitions = given.map((offsets) => offsets.toSorted((a, b) => a - b));
        const broker = brokerOf(partitions, 42, () => empties.next().value === true);
        expect(await readAll(broker, partitions.length, 42)).toEqual(partitions);
      }),
      { numRuns: 200 },
    );
  });

  /**
   * Kafka 4.1 works out how far everything is decided (`UnifiedLog.lastStableOffset`) by two reads, one after the other, of what appends change: the first open transaction, and
   * the high watermark. What begins between them is told as decided, while the records themselves are kept back, and still are when they are asked for again.
   */
  test('goal: a record of a transaction that has just begun is not passed, although the broker tells for an instant that everything behind it is decided', async () => {
    const open = { topic: 't', partition: 0, records: [], next: 0 };
    const answers: Fetched[] = [
      { ...open, stableEnd: 1 },
      { ...open, stableEnd: 0 },
      { ...open, records: [record(0)], next: 2, stableEnd: 2 },
    ];
    const wire: Pick<Wire, 'fetch'> = {
      fetch: async ([wanted]) =>
        answers.splice(0, 1).map((each) => ({
          ...each,
          records: each.records.filter(({ offset }) => offset >= (wanted?.offset ?? 0)),
        })),
    };
    expect(await readAll(wire, 1, 2)).toEqual([[0]]);
  });

  test('goal: a partition that cannot be read is told of by itself, and holds up no other', async () => {
    const wire: Pick<Wire, 'fetch'> = {
      fetch: async (wanted) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (wanted.some(({ partition }) => partition === 1)) throw new WireError('OFFSET_OUT_OF_RANGE', 'out of range');
        return wanted.map(({ topic, partition, offset }) => {
          const records = offset < 5 ? [record(offset)] : [];
          return { topic, partition, records, next: offset + records.length, stableEnd: 5 };
        });
      },
    };
    const onError = jest.fn();
    const failures: number[] = [];
    const taken: number[] = [];
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const seen = (): void => {
      if (taken.length === 5 && failures.length > 1) resolve(undefined);
    };
    const loop = new FetchLoop(wire as Wire, { onError, bytesMin: 1 });
    for (const partition of [0, 1]) {
      const cursor: Cursor = {
        ...{ topic: 't', partition, position: 0, wants: () => true },
        take: (records) => (taken.push(...records.map(({ offset }) => offset)), seen()),
        failed: () => (failures.push(partition), seen()),
      };
      loop.add(cursor);
    }
    await promise;
    await loop.close();
    expect(new Set(failures)).toEqual(new Set([1]));
    expect(onError).not.toHaveBeenCalled();
  });

  test('what is not decided yet is not asked for again', async () => {
    const asked: number[] = [];
    const wire = { fetch: async (wanted: readonly FetchFrom[]) => (asked.push(wanted.length), []) } as unknown as Wire;
    const answer = { topic: 't', partition: 0, records: [], next: 7, stableEnd: 7 };
    expect(await askedAlone(wire, answer, 7)).toBe(answer);
    expect(asked).toEqual([]);
  });
});
