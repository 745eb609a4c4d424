import { describe, expect, test } from '@jest/globals';
import { NumericMap, createRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { decodeBatches, encodeBatch } from './record-batch.ts';

const long = fc.nat(9_000).map((n) => 'ä'.repeat(n));
const text = fc.oneof({ weight: 60, arbitrary: fc.string({ unit: 'binary' }) }, { weight: 1, arbitrary: long });
const record = fc.record({ key: text, id: text, value: fc.option(text) });
const head = fc.record({
  timestampMs: fc.nat({ max: 2 ** 41 }),
  producerId: fc.bigInt(0n, 2n ** 63n - 1n),
  epoch: fc.nat(2 ** 15 - 1),
  sequence: fc.nat(2 ** 31 - 1),
});

test('goal: a batch is byte for byte what the client library makes of the same records', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 150 }), head, (records, batch) => {
      const sequences = new NumericMap([['topic:0', batch.sequence]]);
      const { buffer } = createRecordsBatch(
        records.map(({ key, id, value }) => ({
          topic: 'topic',
          partition: 0,
          timestamp: BigInt(batch.timestampMs),
          key: Buffer.from(key),
          value: (value === null ? null : Buffer.from(value)) as Buffer,
          headers: new Map([[Buffer.from('id'), Buffer.from(id)]]),
        })),
        { transactionalId: 't', producerId: batch.producerId, producerEpoch: batch.epoch, sequences },
      );
      expect(encodeBatch(records, batch).equals(buffer)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

/** Half of a surrogate pair cannot be written. */
const wellFormed = <T extends object>(fields: T): T =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value.toWellFormed() : value]),
  ) as T;

describe('what was fetched', () => {
  const oneRecord = (value: string): Buffer =>
    encodeBatch([{ key: 'k', id: 'i', value }], { timestampMs: 1, producerId: 1n, epoch: 0, sequence: 0 });

  test('goal: batches are read as they were written, from wherever the answer begins to wherever it was cut off', () => {
    const batch = fc.record({ records: fc.array(record, { minLength: 1, maxLength: 20 }), head });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 5 }), fc.nat(2 ** 40), fc.nat(100), (batches, first, cutOff) => {
        let offset = first;
        const encoded = batches.map(({ records, head: of }) => {
          const bytes = encodeBatch(records, of);
          bytes.writeBigInt64BE(BigInt(offset), 0);
          offset += records.length;
          return bytes;
        });
        const whole = Buffer.concat(encoded);
        const given = whole.subarray(0, Math.max(0, whole.length - cutOff));
        const lengths = encoded.map((_, n) => Buffer.concat(encoded.slice(0, n + 1)).length);
        const arrived = batches.slice(0, lengths.filter((length) => length <= given.length).length);
        const read = decodeBatches(given, 't/0', false);
        expect(read.flatMap((each) => each.records().map(({ offset: at }) => at))).toEqual(
          arrived.flatMap(({ records }) => records).map((_, n) => first + n),
        );
        expect(
          read.map((each) => [each.producerId, each.inTransaction, each.isControl, each.end - each.offset]),
        ).toEqual(arrived.map(({ records, head: of }) => [String(of.producerId), true, false, records.length]));
        expect(read.flatMap((each) => each.records().map(({ offset: _, ...rest }) => rest))).toEqual(
          arrived.flatMap(({ records, head: of }) =>
            records.map((each) => ({ ...each, appendedAtMs: of.timestampMs })).map((each) => wellFormed(each)),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('goal: batches of others are read as the library reads them: compressed, with times of their own, with further headers', () => {
    const message = fc.record({ key: text, value: text, name: text, header: text, afterMs: fc.nat(2 ** 31 - 1) });
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 30 }),
        fc.constantFrom('none' as const, 'gzip' as const, 'zstd' as const),
        (messages, compression) => {
          const { buffer } = createRecordsBatch(
            messages.map(({ key, value, name, header, afterMs }) => ({
              topic: 't',
              partition: 0,
              timestamp: BigInt(1_700_000_000_000 + afterMs),
              key: Buffer.from(key),
              value: Buffer.from(value),
              headers: new Map([
                [Buffer.from(`x${name}`), Buffer.from(header)],
                [Buffer.from('id'), Buffer.from(header)],
              ]),
            })),
            { compression },
          );
          expect(decodeBatches(buffer, 't/0', true).flatMap((each) => each.records())).toEqual(
            messages.map(({ key, value, header, afterMs }, offset) =>
              wellFormed({ offset, key, value, id: header, appendedAtMs: 1_700_000_000_000 + afterMs }),
            ),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a batch in which one bit is another is refused, with its place', () => {
    const bytes = oneRecord('worth keeping');
    const last = bytes.length - 1;
    bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
    expect(() => decodeBatches(bytes, 'vcos.events/3', true).map((each) => each.records())).toThrow(
      'the batch at offset 0 of vcos.events/3 has another checksum',
    );
  });

  test('a length that cannot be one is refused, and never waited for', () => {
    const whole = oneRecord('v');
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 48 }), (length) => {
        const second = Buffer.from(whole);
        second.writeInt32BE(length, 8);
        expect(() => decodeBatches(Buffer.concat([whole, second]), 'vcos.events/3', true)).toThrow(
          'a batch of vcos.events/3, behind 1, is shorter than its own head',
        );
      }),
    );
  });

  test('a batch that was cut off is left out, but where it was the only thing asked for', () => {
    const whole = oneRecord('v');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: whole.length - 1 }), (length) => {
        const cut = whole.subarray(0, length);
        expect(decodeBatches(cut, 't/0', false)).toEqual([]);
        expect(decodeBatches(Buffer.concat([whole, cut]), 't/0', true)).toHaveLength(1);
        expect(() => decodeBatches(cut, 't/0', true)).toThrow(
          'a batch of t/0, behind what was read before, is longer than what came of it',
        );
      }),
    );
    expect(decodeBatches(Buffer.alloc(0), 't/0', true)).toEqual([]);
  });
});
