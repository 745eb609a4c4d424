import { defineMetric } from './metric.ts';

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

/**
 * How many accounts did something of a kind in an hour. `linf` 1: an account counts once per cell, so the number is one of people, and nobody's zeal
 * is visible. `l0` 2: most accounts do one or two kinds of things a day; more cells would need more noise for everybody. It is the only metric so far and spends the
 * whole budget of an account-day; the next one shares it.
 */
export const activityByKindHour = defineMetric({
  id: 'activity-by-kind-hour',
  description: 'How many creators did something of a kind, hour by hour.',
  protects: 'the creator who acts',
  keyKind: 'kind of activity',
  keys: [...activityKinds],
  l0: 2,
  linf: 1,
  windowSeconds: 3_600,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.005',
});
