import { describe, expect, test } from '@jest/globals';
import { parseRational, toNumber } from '../../../schema/metrics/rational.ts';
import { secretKey } from '../crypto/keyed-hash.ts';
import { verifyLedger } from '../domain/ledger/verify.ts';
import { type LearningTask, type TaskLedger, emptyTaskLedger, noiseOf, releaseRound } from './learning-round.ts';

const task: LearningTask = {
  id: 'test-task',
  fixedPoint: { clip: 1, scale: 100 },
  rhoPerRound: parseRational('1/8'),
  rhoMax: parseRational('1/4'),
};
const key = secretKey(Buffer.alloc(32, 3));
const at = '2026-01-01T00:00:00.000Z';
const round = (number: number, sum: readonly number[], ledger: TaskLedger = emptyTaskLedger) =>
  releaseRound(task, ledger, { at, number, sum, key });

// Goal: a round costs what it says, adds exactly the noise that its cost needs, and can neither be repeated for more nor go beyond the budget.
describe('a round of federated learning', () => {
  test('noise has the variance of Delta² / (2 rho)', () => {
    expect(toNumber(noiseOf(task))).toBe(40_000);
    const { values } = round(
      0,
      Array.from({ length: 2_000 }, () => 0),
    );
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(variance / 40_000).toBeGreaterThan(0.85);
    expect(variance / 40_000).toBeLessThan(1.15);
  });

  test('the same round again gives the same bytes, another sum unrelated ones', () => {
    expect(round(0, [5, 6]).values).toEqual(round(0, [5, 6]).values);
    const noise = (sum: readonly number[]): number => (round(0, sum).values[0] ?? 0) - (sum[0] ?? 0);
    expect(noise([5, 6])).not.toBe(noise([5, 7]));
  });

  test('a round that the ledger holds is refused: neither another sum nor another time draws it again for nothing', () => {
    const { ledger } = round(0, [1]);
    for (const again of [
      { at, number: 0, sum: [1] },
      { at, number: 0, sum: [2] },
      { at: '2026-01-02T00:00:00.000Z', number: 0, sum: [2] },
    ])
      expect(() => releaseRound(task, ledger, { ...again, key })).toThrow('test-task, round 0: it was released before');
  });

  test('its ledger is a whole chain, charged once for each round, and refuses what is over the budget', () => {
    const first = round(0, [1]);
    const second = round(1, [2], first.ledger);
    expect(second.ledger.rows.map(({ state, rho }) => `${state} ${rho}`)).toEqual([
      'reserved 1/8',
      'sealed 0',
      'reserved 1/8',
      'sealed 0',
    ]);
    const limit = { rho: task.rhoMax, delta: parseRational('0') };
    expect(verifyLedger(second.ledger.rows, { limit }).kind).toBe('whole');
    expect(verifyLedger(second.ledger.rows.toReversed(), { limit }).kind).toBe('broken');
    expect(() => round(2, [3], second.ledger)).toThrow(/test-task, round 2/);
  });
});
