import { expect, test } from '@jest/globals';
import { NumericMap, createRecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { encodeBatch } from './record-batch.ts';

test('goal: a batch is byte for byte what the client library makes of the same records', () => {
  const long = fc.nat(9_000).map((n) => 'ä'.repeat(n));
  const text = fc.oneof({ weight: 60, arbitrary: fc.string({ unit: 'binary' }) }, { weight: 1, arbitrary: long });
  const record = fc.record({ key: text, id: text, value: fc.option(text) });
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 150 }),
      fc.record({
        timestampMs: fc.nat({ max: 2 ** 41 }),
        producerId: fc.bigInt(0n, 2n ** 63n - 1n),
        epoch: fc.nat(2 ** 15 - 1),
        sequence: fc.nat(2 ** 31 - 1),
      }),
      (records, batch) => {
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
      },
    ),
    { numRuns: 50 },
  );
});
