import { describe, expect, test } from '@jest/globals';
import { compare } from './compare.ts';

// Goal: whatever the supergraph and the operation, the gateway answers as one server with one schema would. `npm run fuzz:federation` tries more seeds.
describe.each(['auto', 'apollo'] as const)('random supergraphs, planned with %s', (planner) => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    const { differences, refused } = await compare({ seed, operations: 20, planner });
    expect(differences).toEqual([]);
    expect(refused).toBeLessThan(4);
  });
});
