import { daySeconds, defineMetric } from '../metric.ts';

export const activityKinds = [
  'REGISTRATION',
  'PROFILE',
  'PUBLICATION',
  'REVISION',
  'CONTRIBUTION',
  'ENDORSEMENT',
  'RELATIONSHIP',
  'SPACE',
  'POST',
] as const;
export type ActivityKind = (typeof activityKinds)[number];

export const activityByKindHour = defineMetric({
  id: 'activity-by-kind-hour',
  description: 'How many creators did something of a kind, hour by hour.',
  protects: 'the creator who acts',
  reason:
    'An account counts once per cell, so the number is one of people and nobody’s zeal is visible. Most accounts do one or two kinds of things a day; more cells would need more noise for everybody. Hours are many and small: this metric gets the largest share of the budget.',
  keyKind: 'kind of activity',
  keys: { public: [...activityKinds] },
  l0: 2,
  linf: 1,
  windowSeconds: 3_600,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0012',
});

export const activeCreatorsDay = defineMetric({
  id: 'active-creators-day',
  description: 'How many different creators did anything on a day.',
  protects: 'the creator who acts',
  reason:
    'Whoever acts counts once a day, whatever they do: one cell, by one. Nothing smaller would be a number of people.',
  keyKind: 'everything',
  keys: { public: ['ALL'] },
  l0: 1,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0004',
});

/** The longest session of a day is taken, and these are the edges between which it is counted. */
export const sessionMinutes = defineMetric({
  id: 'session-minutes',
  description: 'Length of the longest session of each active creator, day by day: quantiles in minutes.',
  protects: 'the creator who acts',
  reason:
    'A session goes on while no pause is longer than half an hour. Only the longest of a day counts, so an account is in one path of the tree; a tree of eight buckets has three levels to pay for, and its edges double because people tell short sessions apart more finely than long ones.',
  keyKind: 'range of minutes',
  keys: { quantiles: { edges: [0, 5, 15, 30, 60, 120, 240, 480, 1_440], unit: 'minutes', layout: 'TREE' } },
  l0: 1,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0003',
});

export const membersTotal = defineMetric({
  id: 'members-total',
  description: 'How many creators have joined since releases began: a running total.',
  protects: 'the creator who joins',
  reason:
    'An account joins once. A running total asked for every day would add up the noise of all days; the square-root factorisation lets its error grow with the logarithm of the horizon, here about three years.',
  keyKind: 'everything',
  keys: { public: ['ALL'] },
  l0: 1,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'SQUARE_ROOT',
  horizon: 1_024,
  rho: '0.0003',
});
