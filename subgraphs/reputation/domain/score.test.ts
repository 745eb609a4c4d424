import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dimensions } from '../../../schema/graph/catalogue.ts';
import { type ScoreRow, bandOf, formatScoreId, mayShow, parseScoreId, scoreOfRow } from './score.ts';

const row: ScoreRow = {
  creator_id: 'c',
  dimension: 'QUALITY',
  formula_version: '1.0.0',
  score: 80,
  low: 60,
  high: 95,
  positive: 1,
  negative: 0,
  evidence_count: 3,
  as_of: '2024-01-01 00:00:00.000',
  changed_at: '2024-01-01 00:00:00.000',
  decay_at: '2024-01-01 00:00:00.000',
  version: 1,
};

describe('scores', () => {
  test('goal: ids are read back, whatever the creator is called, and nothing else is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom(...dimensions), (creatorId, dimension) => {
        expect(parseScoreId(formatScoreId({ creatorId, dimension }))).toEqual({ creatorId, dimension });
      }),
    );
    for (const other of ['', '.QUALITY', 'c', 'c.', 'c.quality', 'c.QUALITY.']) expect(parseScoreId(other)).toBeNull();
  });

  test('goal: where all evidence was withdrawn nothing is known', () => {
    expect(scoreOfRow(row)).toMatchObject({ creatorId: 'c', score: 80, logOffset: 1, asAt: null });
    expect(scoreOfRow({ ...row, evidence_count: 0 })).toBeNull();
  });

  test('goal: a dimension is for everybody when it is public, else for oneself alone', () => {
    const score = { creatorId: 'c', dimension: 'QUALITY' } as const;
    expect(mayShow(score, { creatorId: null, publicMetrics: ['QUALITY'] })).toBe(true);
    expect(mayShow(score, { creatorId: null, publicMetrics: ['INNOVATION'] })).toBe(false);
    expect(mayShow(score, { creatorId: 'other', publicMetrics: [] })).toBe(false);
    expect(mayShow(score, { creatorId: 'c', publicMetrics: [] })).toBe(true);
  });

  test('goal: a band is never better than the share above its threshold allows', () => {
    const thresholds = [99, 90, 75, 50];
    expect([99.5, 99, 80, 75, 51, 50, 1].map((score) => bandOf(score, thresholds))).toEqual([
      'TOP_1',
      'TOP_10',
      'TOP_25',
      'TOP_50',
      'TOP_50',
      'LOWER_50',
      'LOWER_50',
    ]);
    expect(bandOf(80, [80, 80, 80, 80])).toBe('LOWER_50');
    expect(bandOf(80, [])).toBe('LOWER_50');
  });
});
