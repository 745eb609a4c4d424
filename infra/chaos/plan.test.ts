import { describe, expect, test } from '@jest/globals';
import { describePlan, planOf, workloads } from './plan.ts';

describe('plans', () => {
  test('goal: a seed that failed can be run again: it has one plan', () => {
    for (const seed of [1, 2, 77, 2 ** 31]) expect(planOf(seed)).toEqual(planOf(seed));
    expect(planOf(1)).not.toEqual({ ...planOf(2), seed: 1 });
  });

  test('goal: two hundred seeds meet every fault, in every part of the load, on both warehouses', () => {
    const plans = Array.from({ length: 200 }, (_, index) => planOf(index + 1));
    const faults = plans.flatMap((plan) => plan.faults);
    const kinds = new Set(faults.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'clock',
      'disk-full',
      'kill',
      'kill-starting',
      'pause',
      'warehouse',
      'warehouse-kill',
    ]);
    expect(new Set(faults.map(({ at }) => Math.floor(at * 10))).size).toBe(10);
    expect(new Set(plans.map(({ warehouse }) => warehouse))).toEqual(new Set(['embedded', 'bridge']));
    expect(new Set(plans.map(({ workload }) => workload)).size).toBe(workloads);
  });

  test('goal: faults come in the order of the load, and the warehouse fails only where it can', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { faults, warehouse } = planOf(seed);
      expect(faults.map(({ at }) => at)).toEqual(faults.map(({ at }) => at).sort((a, b) => a - b));
      if (warehouse === 'embedded') expect(faults.some(({ kind }) => kind.startsWith('warehouse'))).toBe(false);
    }
  });

  test('goal: a plan is told in words', () => {
    expect(
      describePlan({ seed: 3, workload: 1, warehouse: 'bridge', faults: [{ at: 0.5, kind: 'pause', forMs: 90 }] }),
    ).toBe('seed 3, workload 1, bridge warehouse: pause 90 at 50 %');
  });
});
