import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PointsAct, pointsReasons, replayPoints } from './stackexchange-2018.ts';

const act: fc.Arbitrary<PointsAct> = fc.record({
  day: fc.constantFrom('2018-03-12', '2018-03-13', '2018-04-01'),
  reason: fc.constantFrom(...pointsReasons),
  points: fc.integer({ min: -100, max: 100 }),
  id: fc.uuid(),
});
const up = (n: number, day = '2018-03-12'): PointsAct[] =>
  Array.from({ length: n }, (_, i) => ({ day, reason: 'ANSWER_APPROVED', points: 10, id: String(i) }));

describe('the rules of 2018', () => {
  test('goal: entries add up to the total, in whatever order they are given, and nobody falls below 1', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const { points, entries } = replayPoints(acts);
        expect(entries.reduce((sum, { counted }) => sum + counted, 1)).toBe(points);
        expect(points).toBeGreaterThanOrEqual(1);
        expect(replayPoints([...acts].reverse()).points).toBe(points);
      }),
    );
  });

  test('goal: a day gives 200 points by votes; acceptances and bounties come on top', () => {
    expect(replayPoints(up(30)).points).toBe(201);
    expect(replayPoints([...up(30), ...up(5, '2018-03-13')]).points).toBe(251);
    const accepted: PointsAct = { day: '2018-03-12', reason: 'ANSWER_ACCEPTED', points: 15, id: 'a' };
    expect(replayPoints([...up(30), accepted]).points).toBe(216);
    // Votes above the cap soften a later downvote, as they did there.
    const down: PointsAct = { day: '2018-03-12', reason: 'WORK_DISAPPROVED', points: -2, id: 'd' };
    expect(replayPoints([...up(21), down]).points).toBe(201);
    expect(replayPoints([...up(20), down]).points).toBe(199);
  });
});
