import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type LevelFacts,
  capabilities,
  capabilitiesOf,
  hysteresis,
  levels,
} from '../../../schema/reputation/levels.ts';
import { type LevelDecision, type Standing, comesOfAge, newcomer, passTime } from './standing.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2024, 0, 1);
const facts = (low: number, evidence: number): LevelFacts => ({
  registeredMs: startMs - 365 * dayMs,
  scores: { QUALITY: { low, evidence }, MENTORSHIP: { low, evidence }, COMMUNITY: { low, evidence } },
});
const day = (n: number): number => startMs + n * dayMs;
const good = facts(90, 1_000);
const bad = facts(10, 1_000);

function play(steps: readonly (readonly [day: number, facts: LevelFacts])[], begin: Standing = newcomer) {
  let standing = begin;
  const decisions: LevelDecision[] = [];
  let known = facts(0, 0);
  for (const [at, next] of steps) {
    const until = passTime(standing, known, day(at));
    const now = passTime(until.standing, next, day(at));
    decisions.push(...until.decisions, ...now.decisions);
    [standing, known] = [now.standing, next];
  }
  return { standing, decisions };
}

describe('standing', () => {
  test('goal: a level is gained after 7 days above it, one in a week, also when nobody looks meanwhile', () => {
    expect(
      play([
        [0, good],
        [6.9, good],
      ]).standing.level,
    ).toBe(0);
    const long = play([
      [0, good],
      [100, good],
    ]);
    expect(long.standing.level).toBe(4);
    expect(long.decisions.map(({ atMs }) => (atMs - startMs) / dayMs)).toEqual([7, 14, 21, 28]);
    expect(
      play([
        [0, good],
        [3, bad],
        [4, good],
        [10, good],
      ]).standing.level,
    ).toBe(0);
  });

  test('goal: who is good but too young is looked at when they are of age, and no level’s clock begins before its age', () => {
    const young: LevelFacts = { ...good, registeredMs: startMs };
    const waiting = passTime(newcomer, young, day(2)).standing;
    expect(comesOfAge(waiting, young)).toBe(day(7));
    expect(comesOfAge(waiting, { ...young, scores: bad.scores })).toBeNull();
    const { decisions, standing } = passTime(passTime(waiting, young, day(7)).standing, young, day(400));
    expect(decisions.map(({ to, atMs }) => [to, (atMs - startMs) / dayMs])).toEqual([
      [1, 14],
      [2, 37],
      [3, 67],
      [4, 127],
    ]);
    expect(comesOfAge(standing, young)).toBeNull();
  });

  test('goal: a level is lost after 14 days below 90 %, and kept in between', () => {
    const trusted: Standing = { ...newcomer, level: 1 };
    const { low } = levels[1] as (typeof levels)[number];
    expect(
      play(
        [
          [0, facts(low * 0.91, 1_000)],
          [100, facts(low * 0.91, 1_000)],
        ],
        trusted,
      ).standing.level,
    ).toBe(1);
    expect(
      play(
        [
          [0, bad],
          [13.9, bad],
        ],
        trusted,
      ).standing.level,
    ).toBe(1);
    expect(
      play(
        [
          [0, bad],
          [14, bad],
        ],
        trusted,
      ).decisions,
    ).toMatchObject([{ outcome: 'LOST', from: 1, to: 0 }]);
    expect(
      play(
        [
          [0, bad],
          [10, good],
          [11, bad],
          [20, bad],
        ],
        trusted,
      ).standing.level,
    ).toBe(1);
  });

  test('goal: a loss that touches income is a proposal, made once, and gone when the scores are back', () => {
    const verified: Standing = { ...newcomer, level: 2 };
    const down = play(
      [
        [0, bad],
        [400, bad],
      ],
      verified,
    );
    expect(down.standing.level).toBe(2);
    expect(down.decisions).toMatchObject([{ outcome: 'LOSS_PROPOSED', from: 2, to: 1 }]);
    expect(passTime(down.standing, facts(69, 1_000), day(401)).standing.proposedMs).toBeNull();
  });

  test('goal: whatever happens, levels move by single steps, a week apart, and income is never taken by itself', () => {
    const steps = fc.array(
      fc.tuple(
        fc.double({ min: 0.1, max: 40, noNaN: true }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 600 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        let at = 0;
        const { decisions } = play(
          drawn.map(([pause, low, evidence]) => [(at += pause), facts(low, evidence)] as const),
        );
        let [level, lastMs] = [0, -Infinity];
        for (const { outcome, from, to, atMs } of decisions) {
          expect(from).toBe(level);
          expect(Math.abs(to - from)).toBe(1);
          if (outcome === 'LOSS_PROPOSED') continue;
          expect(atMs - lastMs).toBeGreaterThanOrEqual(hysteresis.upMs);
          const taken = capabilitiesOf(from).filter((name) => !capabilitiesOf(to).includes(name));
          if (outcome === 'LOST') expect(taken.some((name) => capabilities[name].touchesIncome)).toBe(false);
          [level, lastMs] = [to, atMs];
        }
      }),
    );
  });
});
