import { describe, expect, test } from '@jest/globals';
import { mutants } from './mutants.ts';
import { type Counts, simulate } from './simulate.ts';

/** In `npm test` a taste; `npm run sim:regions -- --seeds 10000` is the meal. */
const seeds = 10;
/** Mutants that a seed or two find; `npm run sim:regions -- --mutants` looks for all of them. */
const quick = Object.keys(mutants).filter((name) => !/torn|clock|proof|first stays|as soon as|cause/.test(name));
const hunted = 6;

describe('canon’s regions, simulated', () => {
  test('goal: whatever goes wrong, nothing that canon promises is broken, and mended regions come to say the same', () => {
    const totals: Partial<Record<keyof Counts, number>> = {};
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violation, counts } = simulate(seed);
      expect({ seed, violation }).toEqual({ seed, violation: null });
      for (const [name, n] of Object.entries(counts) as [keyof Counts, number][])
        totals[name] = (totals[name] ?? 0) + n;
    }
    // The runs had something to find.
    const { events = 0, proposed = 0, crashes = 0, cases = 0, bound = 0 } = totals;
    for (const n of [events, proposed, crashes, cases, bound]) expect(n).toBeGreaterThan(0);
  });

  test('goal: a seed replays exactly, and another seed is another run', () => {
    const [first, again, other] = [simulate(7), simulate(7), simulate(8)];
    expect(again).toEqual(first);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  test('goal: a seed that finds something finds it again at the same place', () => {
    const policyOf = mutants['what is bound to a region is sent whole'];
    const find = (): ReturnType<typeof simulate> => simulate(1, policyOf ? { policy: policyOf() } : {});
    expect(find().violation).toMatch(/^SafetyViolation: .* bound to/);
    expect(find()).toEqual(find());
  });

  test.each(quick)('finds: %s', (name) => {
    const policyOf = mutants[name];
    let seed = 1;
    while (seed <= hunted && policyOf && simulate(seed, { policy: policyOf() }).violation === null) seed += 1;
    expect(seed).toBeLessThanOrEqual(hunted);
  });
});
