import { type DeclaredMetric, daySeconds, defineMetric } from '../metric.ts';

/**
 * Declarations under which releases were made once and none are made any more: an export with such releases must still verify, as what was charged then. Nothing is ever taken out of here, or changed.
 */
export const retiredMetrics: readonly DeclaredMetric[] = [
  // Looked at invitations of up to 90 days before, whose own days did not pay for it.
  defineMetric({
    id: 'invitation-to-joint-work',
    description: 'Time from an invitation into a space to the first joint work of the two: quantiles in hours.',
    protects: 'both creators of the pair',
    reason:
      'Both are principals, so the layout is flat: each is in one bucket, not in one per level. One first joint work of an account counts a day.',
    keyKind: 'range of hours',
    keys: { quantiles: { edges: [0, 1, 24, 72, 168, 720, 2_160], unit: 'hours', layout: 'FLAT' } },
    principals: 2,
    l0: 1,
    linf: 1,
    windowSeconds: daySeconds,
    mechanism: 'DISCRETE_GAUSSIAN',
    rho: '0.0001',
  }),
];
