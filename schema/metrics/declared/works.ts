import { artifactKinds } from '../../graph/catalogue.ts';
import { daySeconds, defineMetric } from '../metric.ts';

export const worksByKind = defineMetric({
  id: 'works-by-kind',
  description: 'How many creators published work of a kind, day by day.',
  protects: 'the creator who publishes',
  reason:
    'Few publish more than one kind of work on a day, so two cells hold nearly all; an account counts once in each, so that a flood of uploads moves nothing.',
  keyKind: 'kind of work',
  keys: { public: [...artifactKinds] },
  l0: 2,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0003',
});

export const worksByKindTag = defineMetric({
  id: 'works-by-kind-tag',
  description:
    'How many creators published work of a kind under a tag, day by day; only combinations that many use are shown.',
  protects: 'the creator who publishes',
  reason:
    'Tags are free text and may name anybody, so the keys are private. A work has a handful of tags; three of a day’s combinations are enough to see what is made.',
  keyKind: 'kind of work and tag',
  keys: { private: { delta: '1/20000000000' } },
  l0: 3,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0003',
});

export const trendingTags = defineMetric({
  id: 'trending-tags',
  description: 'Under which tags creators publish and revise, day by day; only tags that many use are shown.',
  protects: 'the creator who publishes or revises',
  reason:
    'Tags are free text and may name anybody, so the keys are private. Three tags of an account count a day, once each: a trend is many people, not one busy one. It is asked for most of the metrics with private keys and gets more of the budget.',
  keyKind: 'tag',
  keys: { private: { delta: '1/20000000000' } },
  l0: 3,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0004',
});

export const assistedWork = defineMetric({
  id: 'assisted-work',
  description: 'How many creators published with and without the assistance of an IMVU, day by day.',
  protects: 'the creator whose work it is',
  reason:
    'There are two cells, and a creator may be in both; the share is computed from the two released numbers and costs nothing more.',
  keyKind: 'way of working',
  keys: { public: ['ASSISTED', 'UNASSISTED'] },
  l0: 2,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});

export const remixes = defineMetric({
  id: 'remixes',
  description: 'How many works were derived from somebody else’s, day by day.',
  protects: 'the creator who remixes and the creator whose work is remixed',
  reason:
    'A remix has two principals. Three of an account’s remixes count a day, and three of those of one creator’s work, so that neither a bot nor a celebrity is visible.',
  keyKind: 'everything',
  keys: { public: ['REMIX'] },
  principals: 2,
  l0: 3,
  linf: 3,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});
