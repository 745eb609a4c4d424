import { describe, expect, test } from '@jest/globals';
import { attacksOn, damageOf } from './attacks.ts';
import { baselines } from './baselines.ts';
import type { Rating } from './ratings.ts';

// Goal: on a network of any size an attack is what its name says, or it is left out and said why.
const rate = (rater: string, rated: string, value: number, atMs: number): Rating => ({ rater, rated, value, atMs });

/** Everybody rates the next ones of a ring, every third is rated badly. */
const network = (people: number): readonly Rating[] =>
  Array.from({ length: people * 4 }, (_, n) => {
    const rated = (n + 1 + (n % 7)) % people;
    return rate(`p${n % people}`, `p${rated}`, rated % 3 === 0 ? -1 : 1, n);
  });

describe('attacks', () => {
  test.each([3, 5, 20, 200])('on a network of %i people', (people) => {
    const ratings = network(people);
    const seeds = ratings
      .map(({ rater }) => rater)
      .slice(0, 20)
      .filter((name, at, all) => all.indexOf(name) === at);
    const attacks = attacksOn(ratings, seeds);
    const [lifting, lowering] = [attacks.filter(({ lifts }) => lifts), attacks.filter(({ lifts }) => !lifts)];
    for (const { targets } of lowering) for (const target of targets) expect(lifting[0]?.targets).not.toContain(target);
    for (const attack of attacks) {
      if (attack.leftOut !== undefined) continue;
      const raters = new Set(attack.ratings(attack.targets, 0).map(({ rater }) => rater));
      expect(raters).not.toContain('');
      if (attack.name.includes('seed')) expect([...raters].some((name) => seeds.includes(name))).toBe(true);
    }
    expect(attacks.filter(({ leftOut }) => leftOut !== undefined).length > 0).toBe(people <= 20);
  });

  test('of few ratings move formulas over the whole network too', () => {
    const ratings = network(1_000);
    const attack = {
      name: 'one word',
      targets: ['p3'],
      lifts: true,
      ratings: (_targets: readonly string[], atMs: number) =>
        Array.from({ length: 20 }, (_, n) => rate(`new ${n}`, 'p3', 1, atMs)),
    };
    const moved = new Map(
      baselines.map((make) => [make(['p1']).name, damageOf(make, { ratings, seeds: ['p1'] }, attack).moved]),
    );
    expect(moved.get('PageRank')).toBeGreaterThan(1);
    expect(moved.get('fairness and goodness')).toBeGreaterThan(1);
  });
});
