import { afterAll, expect, test } from '@jest/globals';
import type { Plan } from './plan.ts';
import { ChaosRunner } from './run-seed.ts';

// Goal: killed while it works, with answers of the warehouse lost after their commit and its clock set on by hours, the platform ends as if nothing had happened. `npm run chaos` draws
// as many such plans as wanted.
const plan: Plan = {
  seed: 1,
  workload: 1,
  warehouse: 'bridge',
  faults: [
    { at: 0.3, kind: 'warehouse', answer: 'drop', times: 2 },
    { at: 0.5, kind: 'kill' },
    { at: 0.8, kind: 'clock', byMs: 2 * 3_600_000 },
  ],
};
const runner = new ChaosRunner();
afterAll(() => runner.close());

test('a plan with three faults leaves what an undisturbed run leaves', async () => {
  const { faults, starts } = await runner.run(plan);
  expect(faults).toEqual([]);
  expect(starts).toBe(2);
}, 240_000);
