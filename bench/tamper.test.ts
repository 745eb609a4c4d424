import { expect, test } from '@jest/globals';
import { tamper } from './shared/tamper-run.ts';

// Goal: whoever kept one old checkpoint finds every later change, though the changer owns the signing key and mends all hashes.
// `npm run bench -- tamper` tries 100,000.
test('every mutation of a mended and signed history is found', async () => {
  const { byKind, missed } = await tamper({ mutations: 1_000, seed: 7 });
  expect(missed).toEqual([]);
  for (const { tried, found } of Object.values(byKind)) expect(found).toBe(tried);
});
