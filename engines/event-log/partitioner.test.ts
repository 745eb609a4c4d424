import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { murmur2, partitionOf } from './partitioner.ts';

// Goal: a key lies in the partition where Kafka would put it.
describe('the partitioner', () => {
  // From Kafka's own UtilsTest.testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does, and takes it without its sign for the partition', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
    const unsigned = BigInt.asUintN(31, BigInt(hash));
    for (const partitions of [1n, 3n, 8n, 12n])
      expect(partitionOf(text, Number(partitions))).toBe(Number(unsigned % partitions));
  });

  test('gives every text an existing partition, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(partition).toBe(partitionOf(key, partitions));
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      }),
    );
  });
});
