import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formula } from './formula.ts';
import { rotatedSeedsMin, seedGroup, servesInTerm } from './seeds.ts';

describe('terms of seeds', () => {
  test('goal: whatever the number of seeds and the term, no group is without, and every seed rests for one term of three', () => {
    fc.assert(
      fc.property(fc.integer({ min: rotatedSeedsMin, max: 60 }), fc.nat(1_000), (seeds, term) => {
        const serving = Array.from({ length: seeds }, (_, place) => place).filter((place) => servesInTerm(place, term));
        for (let group = 0; group < formula.trust.groups; group++)
          expect(serving.filter((place) => seedGroup(place) === group).length).toBeGreaterThanOrEqual(2);
        for (let place = 0; place < seeds; place++)
          expect([0, 1, 2].filter((later) => servesInTerm(place, term + later))).toHaveLength(2);
      }),
    );
  });
});
