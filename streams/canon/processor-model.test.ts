import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diceOf } from './domain/dice.ts';
import { disagreements, statusCounts } from './processor-model.ts';

// Goal: piece by piece, in whatever order events arrive, the processor comes to what the pure function says of the whole. Many more: npm run bench -- resolution --processor N.
describe('the processor beside the pure resolution', () => {
  test('random histories end with the same statuses, contradictions and branches', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(disagreements(diceOf(seed))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('the histories have something to tell: every status, every kind of contradiction, branches', () => {
    const seen = new Set(Array.from({ length: 100 }, (_, seed) => Object.keys(statusCounts(diceOf(seed)))).flat());
    for (const part of ['CANONICAL -', 'EMERGENT', 'PROPOSED', 'PROVISIONAL', 'NON_CANONICAL', 'TEMPORAL', 'STATE'])
      expect([...seen].some((name) => name.includes(part))).toBe(true);
    for (const part of ['CAUSAL', 'AUTHORITY', 'LOGICAL', 'on a branch'])
      expect([...seen].some((name) => name.includes(part))).toBe(true);
  });
});
