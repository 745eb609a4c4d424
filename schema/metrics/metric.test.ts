import { describe, expect, test } from '@jest/globals';
import { metrics } from './catalogue.ts';
import { epsilonOf } from './epsilon.ts';
import { type MetricDeclaration, MetricRefusedError, defineMetric, fitBudget } from './metric.ts';
import { formatRational, parseRational } from './rational.ts';

const fine: MetricDeclaration = {
  id: 'posts-by-hour',
  description: 'Posts of an hour, for the test.',
  protects: 'the author',
  keyKind: 'kind of post',
  keys: ['A', 'B'],
  l0: 4,
  linf: 3,
  windowSeconds: 3_600,
  mechanism: 'DISCRETE_GAUSSIAN',
  rho: '1/200',
};

describe('declaring a metric', () => {
  test('noise follows from bounds and budget: sigma² = l0 · linf² / (2 rho)', () => {
    const metric = defineMetric(fine);
    expect([formatRational(metric.sigma2), formatRational(metric.cellRho)]).toEqual(['3600', '1/800']);
    expect(defineMetric({ ...fine }).schemaHash).toBe(metric.schemaHash);
    expect(defineMetric({ ...fine, linf: 2 }).schemaHash).not.toBe(metric.schemaHash);
  });

  const refusals: [string, Partial<MetricDeclaration>, RegExp][] = [
    ['without bounds', { l0: 0 }, /l0/],
    ['with a key that is a person', { keyKind: 'creator' }, /person/],
    ['with a window that does not follow the clock', { windowSeconds: 2_500 }, /windows follow the clock/],
    ['with a window that no tick closes whole', { windowSeconds: 86_400 }, /an hour at most/],
    ['without keys', { keys: [] }, /keys/],
    ['with a key twice', { keys: ['A', 'A'] }, /twice/],
    ['for nothing', { rho: '0' }, /rho/],
  ];
  test.each(refusals)('is refused %s, with the reason', (_what, change, reason) => {
    expect(() => defineMetric({ ...fine, ...change })).toThrow(MetricRefusedError);
    expect(() => defineMetric({ ...fine, ...change })).toThrow(reason);
  });

  test('metrics that together cost more than an account-day may do not start', () => {
    const half = defineMetric({ ...fine, rho: '1/400' });
    const other = defineMetric({ ...fine, id: 'others-by-hour', rho: '1/400' });
    expect(fitBudget([half, other])).toHaveLength(2);
    expect(() => fitBudget([half, other, defineMetric({ ...fine, id: 'one-too-many', rho: '1/1000000' })])).toThrow(
      /budget/,
    );
    expect(() => fitBudget([half, half])).toThrow(/same id/);
  });

  test('what is released today fits', () => {
    expect(metrics.map((metric) => metric.id)).toEqual(['activity-by-kind-hour']);
  });
});

describe('epsilon of rho-zCDP (Canonne, Kamath and Steinke 2020, corollary 13)', () => {
  test.each([
    ['0.05', 1e-6, 1.471594751],
    ['0.5', 1e-9, 6.474070021],
  ])('rho %s at delta %d', (rho, delta, epsilon) => {
    expect(Math.abs(epsilonOf(parseRational(rho), delta) / epsilon - 1)).toBeLessThan(1e-9);
  });

  test('an account-day costs 0.565, a week 1.56, thirty days 3.37', () => {
    const of = (days: number): number => epsilonOf(parseRational(`${5 * days}/1000`), 1e-9);
    expect([of(1).toFixed(3), of(7).toFixed(2), of(30).toFixed(2)]).toEqual(['0.565', '1.56', '3.37']);
  });

  test('is rounded up, never down', () => {
    expect(epsilonOf(parseRational('0.05'), 1e-6)).toBeGreaterThanOrEqual(1.4715947505);
  });
});
