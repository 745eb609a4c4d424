import { dimensions } from '../../graph/catalogue.ts';
import { daySeconds, defineMetric } from '../metric.ts';

export const collaborations = defineMetric({
  id: 'collaborations',
  description:
    'Pairs of creators who worked together for the first time, and joint work that was taken over, day by day.',
  protects: 'both creators of the pair',
  reason:
    'Both are principals. Beginning and finishing are rare acts: one of an account’s counts a day as the one who acts, and two in each key as the one with whom.',
  keyKind: 'stage of joint work',
  keys: { public: ['BEGUN', 'FINISHED'] },
  principals: 2,
  l0: 1,
  linf: 2,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0003',
});

export const invitationToJointWork = defineMetric({
  id: 'invitation-to-joint-work',
  description: 'Time from an invitation into a space to the first joint work of the two: quantiles in hours.',
  protects: 'both creators of the pair',
  reason:
    'Both are principals, so the layout is flat: each is in one bucket, not in one per level. One invitation and one first joint work of an account count a day; where two name the same account on a day, or two invitations of a pair wait, none does. An invitation’s day pays for what it changes up to 90 days later: squared sensitivity 20 over all windows.',
  keyKind: 'range of hours',
  keys: { quantiles: { edges: [0, 1, 24, 72, 168, 720, 2_160], unit: 'hours', layout: 'FLAT' } },
  principals: 2,
  waitDaysMax: 90,
  l0: 1,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0001',
});

export const endorsementsByDimension = defineMetric({
  id: 'endorsements-by-dimension',
  description: 'How many endorsements were given by dimension, day by day.',
  protects: 'the creator who endorses and the creator who is endorsed',
  reason:
    'Both are principals. Two endorsements of an account count a day; of those that one creator gets, one in each key: who is praised by many at once must not show.',
  keyKind: 'dimension of reputation',
  keys: { public: [...dimensions, 'SKILL'] },
  principals: 2,
  l0: 2,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0003',
});

export const ratings = defineMetric({
  id: 'ratings',
  description: 'How many judgements of work were positive and negative, day by day.',
  protects: 'the creator who judges and the creator who is judged',
  reason:
    'Both are principals. People judge more often than they endorse: four judgements of an account count a day, and three of each kind for one creator’s work.',
  keyKind: 'polarity',
  keys: { public: ['POSITIVE', 'NEGATIVE'] },
  principals: 2,
  l0: 4,
  linf: 3,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});
