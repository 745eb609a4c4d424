import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Dimension } from '../../../schema/graph/catalogue.ts';
import type { DimensionState } from './memory.ts';
import { type Change, accumulate } from './score.ts';
import { SumsTable } from './sums-table.ts';
import { dayMs, startMs } from './testing.ts';

describe('the table of sums', () => {
  test('goal: for any changes of anybody it holds, bit for bit, what the pure function gives', () => {
    const changes = fc.array(
      fc.record({
        creator: fc.constantFrom('a', 'b', 'c'),
        dimension: fc.constantFrom<Dimension>('QUALITY', 'INNOVATION'),
        weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
        isNegative: fc.boolean(),
        hours: fc.nat(20_000),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(changes, (list) => {
        const table = new SumsTable();
        const states = new Map<string, DimensionState>();
        for (const { creator, dimension, weight, isNegative, hours } of list) {
          const atMs = startMs + (hours * dayMs) / 24;
          const change: Change = { amount: isNegative ? -weight : weight, isNegative, atMs, pieces: 1 };
          table.accumulate(creator, dimension, change);
          const key = `${creator}.${dimension}`;
          states.set(key, accumulate(states.get(key), change));
        }
        for (const creator of ['a', 'b', 'c', 'nobody'])
          for (const dimension of ['QUALITY', 'INNOVATION', 'COMMUNITY'] as const)
            expect(table.read(creator, dimension)).toEqual(states.get(`${creator}.${dimension}`));
      }),
    );
  });
});
