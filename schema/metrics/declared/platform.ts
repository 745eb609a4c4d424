import { daySeconds, defineMetric } from '../metric.ts';

/** Upper edges, in milliseconds, of the classes of latency: the gateway tells no more than the class. */
const latencyEdgesMs = [0, 10, 25, 50, 100, 250, 500, 1_000, 10_000] as const;

export const apiLatency = defineMetric({
  id: 'api-latency',
  description:
    'How long operations take: quantiles over callers of the class in which most of their operations of a day fell, in milliseconds.',
  protects: 'the caller',
  reason:
    'A caller counts once a day, in the class of most of their operations: who calls a thousand times weighs no more than who calls once.',
  keyKind: 'range of milliseconds',
  keys: { quantiles: { edges: [...latencyEdgesMs], unit: 'milliseconds', layout: 'TREE' } },
  l0: 1,
  linf: 1,
  pick: 'MOST',
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});

const outcomeClasses = ['OK', 'BAD_REQUEST', 'REFUSED', 'LIMITED', 'FAILED'] as const;

export const apiOutcomes = defineMetric({
  id: 'api-outcomes',
  description: 'How many callers met an outcome of a class, day by day.',
  protects: 'the caller',
  reason:
    'Two classes hold what a caller meets on nearly every day; once in each, because a broken client in a loop is one broken client.',
  keyKind: 'class of outcome',
  keys: { public: [...outcomeClasses] },
  l0: 2,
  linf: 1,
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0002',
});

const refusalReasons = ['EXPIRED', 'BAD_SIGNATURE', 'UNKNOWN_ISSUER', 'MALFORMED'] as const;

export const refusedLogins = defineMetric({
  id: 'refused-logins',
  description: 'How often tokens were refused, by reason, day by day: a rate for threat detection.',
  protects: 'the caller',
  reason:
    'An attack shows as many refusals; ten of one caller’s in one reason count, so that a flood is seen as a flood and a slip of the keyboard is hidden. Nothing private can be said about one attacker: that is the business of access-controlled logs.',
  keyKind: 'reason',
  keys: { public: [...refusalReasons] },
  l0: 1,
  linf: 10,
  pick: 'MOST',
  windowSeconds: daySeconds,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '0.0001',
});
