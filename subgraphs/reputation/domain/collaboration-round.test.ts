import { describe, expect, test } from '@jest/globals';
import { type Round, decideRating, roundLimits, shareOf } from './collaboration-round.ts';

// Goal: two who worked together rate each other without seeing what the other says, and both ratings are published at once.
const open: Round = {
  raterId: 'ann',
  partnerId: 'bob',
  rating: 1,
  dueAt: '2024-01-15T00:00:00.000Z',
  publishedAt: '',
};
const by = (actorId: string, nowIso: string, rating = 5): Parameters<typeof decideRating>[1] => ({
  actorId,
  partnerId: actorId === 'ann' ? 'bob' : 'ann',
  rating,
  nowIso,
});

describe('a rating', () => {
  test('waits where the other has not rated', () => {
    expect(decideRating(null, by('ann', '2024-01-01T00:00:00.000Z'))).toEqual({ kind: 'open' });
  });

  test('publishes both where the other has', () => {
    expect(decideRating(open, by('bob', '2024-01-14T23:59:59.999Z'))).toEqual({
      kind: 'publish',
      ratings: [
        { source: 'ann', target: 'bob', rating: 1 },
        { source: 'bob', target: 'ann', rating: 5 },
      ],
    });
  });

  test.each([
    ['twice', open, by('ann', '2024-01-02T00:00:00.000Z')],
    ['too late', open, by('bob', open.dueAt)],
    [
      'again before its time',
      { ...open, publishedAt: '2024-01-15T00:00:00.000Z' },
      by('bob', '2024-02-13T23:59:59.999Z'),
    ],
  ])('%s is refused', (_, round, asked) => {
    expect(decideRating(round, asked)).toMatchObject({ kind: 'refuse', error: { code: 'ALREADY_DONE' } });
  });

  test('opens a new round a month after the last one', () => {
    const published = { ...open, publishedAt: '2024-01-15T00:00:00.000Z' };
    const nextIso = new Date(Date.parse(published.publishedAt) + roundLimits.betweenMs).toISOString();
    expect(decideRating(published, by('bob', nextIso))).toEqual({ kind: 'open' });
  });

  test.each([0, 6, 2.5, NaN])('of %p is refused', (rating) => {
    expect(decideRating(null, by('ann', '2024-01-01T00:00:00.000Z', rating))).toMatchObject({
      kind: 'refuse',
      error: { code: 'INVALID', path: ['input', 'rating'] },
    });
  });

  test('weighs from -1 to 1', () => {
    expect([1, 2, 3, 4, 5].map(shareOf)).toEqual([-1, -0.5, 0, 0.5, 1]);
  });
});
