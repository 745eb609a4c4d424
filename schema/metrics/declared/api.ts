import { apiOutcomes, latencyEdgesMs, logIns } from '../../api-use.ts';
import { daySeconds, defineMetric } from '../metric.ts';

export const apiLatency = defineMetric({
  id: 'api-latency',
  description: 'How long answers of the API take for its callers, day by day: quantiles in milliseconds.',
  protects: 'the caller: who is signed in, or else the network that a request came from',
  reason:
    'Of each caller the range counts in which most of its answers of the day fell, so that a busy client says no more than a quiet one, and an account is in one path of the tree. Edges grow as people tell waits apart.',
  keyKind: 'range of milliseconds',
  keys: { quantiles: { edges: [...latencyEdgesMs], unit: 'milliseconds', layout: 'TREE' } },
  l0: 1,
  linf: 1,
  pick: 'MOST',
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});

export const apiOutcomesDay = defineMetric({
  id: 'api-outcomes',
  description: 'How many callers of the API met answers of a kind (well, with errors, refused, …), day by day.',
  protects: 'the caller: who is signed in, or else the network that a request came from',
  reason:
    'A caller counts once per kind of answer: what matters is how many people meet an error, not how often a script does. Most meet one or two kinds a day; three cells hold nearly all.',
  keyKind: 'kind of answer',
  keys: { public: [...apiOutcomes] },
  l0: 3,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});

export const logInsHour = defineMetric({
  id: 'log-ins-hour',
  description: 'From how many networks tokens were accepted and refused, hour by hour.',
  protects: 'the network that a request came from',
  reason:
    'An attack from many networks shows in the rate of refused ones; one network counts once an hour in each of two cells, in two cells a day, so that a single attacker or a mistyped password does not. Detection of single attackers has a path of its own.',
  keyKind: 'what became of a token',
  keys: { public: [...logIns] },
  l0: 2,
  linf: 1,
  windowSeconds: 3_600,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0001',
});
