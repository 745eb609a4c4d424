import { expect, test } from '@jest/globals';
import { compare } from './compare.ts';

// Goal: whatever the supergraph and the operation, the gateway answers as one server with one schema would, or says that it cannot
// plan it. `npm run fuzz:federation` tries more seeds.
test.each([
  [1, 'auto'],
  [2, 'auto'],
  [3, 'apollo'],
] as const)('random supergraph %i, planned with %s', async (seed, planner) => {
  const { differences, refused } = await compare({ seed, operations: 8, planner });
  expect(differences).toEqual([]);
  expect(refused).toBeLessThan(6);
});
