import { describe, expect, test } from '@jest/globals';
import { describeDistributedPlan, distributedPlanOf } from './distributed-plan.ts';

const roles = ['gateway', 'subgraph a', 'subgraph b', 'stream c', 'stream d'];
const plans = Array.from({ length: 100 }, (_, index) => distributedPlanOf(index + 1, roles));

describe('plans for roles and servers', () => {
  test('goal: a seed that failed can be run again: it has one plan', () => {
    for (const seed of [1, 2, 77, 2 ** 31])
      expect(distributedPlanOf(seed, roles)).toEqual(distributedPlanOf(seed, roles));
  });

  test('goal: a hundred seeds kill every role and server, and meet every fault, on one partition and on eight', () => {
    const faults = plans.flatMap((plan) => plan.faults);
    expect([...new Set(faults.map(({ kind }) => kind))].sort()).toEqual([
      'clock',
      'kill',
      'pause',
      'rebalances',
      'server-kill',
      'warehouse',
      'warehouse-kill',
      'zombie',
    ]);
    const killed = new Set(faults.flatMap((fault) => (fault.kind === 'kill' ? fault.role : [])));
    expect([...killed].sort()).toEqual([...roles, 'loader'].sort());
    const servers = new Set(faults.flatMap((fault) => (fault.kind === 'server-kill' ? fault.server : [])));
    expect([...servers].sort()).toEqual(['kafka', 'neo4j']);
    expect(new Set(plans.map(({ partitions }) => partitions))).toEqual(new Set([1, 8]));
  });

  test('goal: only streams get further instances, and faults come in the order of the load', () => {
    for (const { faults } of plans) {
      expect(faults.map(({ at }) => at)).toEqual(faults.map(({ at }) => at).sort((a, b) => a - b));
      for (const fault of faults)
        if (fault.kind === 'zombie' || fault.kind === 'rebalances') expect(fault.role).toMatch(/^stream /);
    }
  });

  test('goal: a plan is told in words', () => {
    const faults = [{ at: 0.5, kind: 'server-kill', server: 'kafka', downMs: 90 }] as const;
    expect(describeDistributedPlan({ seed: 3, workload: 1, partitions: 8, faults })).toBe(
      'seed 3, workload 1, 8 partitions: server-kill kafka 90 at 50 %',
    );
  });
});
