import { describe, expect, test } from '@jest/globals';
import { metrics } from './catalogue.ts';
import { epsilonOf } from './epsilon.ts';
import { type MetricDeclaration, MetricRefusedError, defineMetric, fitBudget } from './metric.ts';
import { formatRational, parseRational } from './rational.ts';

const fine: MetricDeclaration = {
  id: 'posts-by-hour',
  description: 'Posts of an hour, for the test.',
  protects: 'the author',
  reason: 'Four cells are what the test needs, and three in each.',
  keyKind: 'kind of post',
  keys: { public: ['A', 'B'] },
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
    ['with a window that no tick closes whole', { windowSeconds: 604_800 }, /it costs nothing/],
    ['without keys', { keys: { public: [] } }, /keys/],
    ['with a key twice', { keys: { public: ['A', 'A'] } }, /twice/],
    ['for nothing', { rho: '0' }, /rho/],
    ['without a reason', { reason: '' }, /reason/],
    ['with a key that is somebody’s id', { keys: { public: ['9f0c2a1e-9ff1-5ab6'] } }, /person/],
    ['with a key that is an address', { keys: { public: ['ada@example.org'] } }, /person/],
    [
      'with private keys that may show too easily',
      { keys: { private: { delta: '1/1000' } }, windowSeconds: 86_400 },
      /delta/,
    ],
    ['with private keys by the hour', { keys: { private: { delta: '1/20000000000' } } }, /once a day/],
    ['of two principals by the hour', { principals: 2 }, /whole day/],
    ['with a running total without end', { mechanism: 'SQUARE_ROOT', windowSeconds: 86_400 }, /horizon/],
    [
      'for waits, of which an account has two a day',
      {
        waitDaysMax: 9,
        principals: 2,
        windowSeconds: 86_400,
        keys: { quantiles: { edges: [0, 1, 2], unit: 'x', layout: 'FLAT' } },
      },
      /each counts once/,
    ],
    ['with edges that fall', { keys: { quantiles: { edges: [0, 2, 1], unit: 'x', layout: 'FLAT' } } }, /rise/],
    [
      'with a tree in which an account has two paths',
      { keys: { quantiles: { edges: [0, 1, 2], unit: 'x', layout: 'TREE' } } },
      /one path/,
    ],
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

  test('what is released today fits, a dozen metrics and more, each with its reasons', () => {
    expect(metrics.length).toBeGreaterThanOrEqual(12);
    for (const metric of metrics) expect(metric.reason.length).toBeGreaterThan(60);
  });

  test('what one account can move, squared: trees pay for each level, two principals for both, waits for two days, totals for their lattice', () => {
    const sensitivity = (change: Partial<MetricDeclaration>): string =>
      formatRational(defineMetric({ ...fine, windowSeconds: 86_400, ...change }).sensitivity2);
    expect(sensitivity({})).toBe('36');
    const tree = { edges: [0, 1, 2, 3, 4], unit: 'x', layout: 'TREE' as const };
    expect(sensitivity({ keys: { quantiles: tree }, l0: 1, linf: 1 })).toBe('2');
    expect(sensitivity({ principals: 2, keys: { public: ['A', 'B', 'C', 'D'] } })).toBe('100');
    const flat = { edges: [0, 1, 2], unit: 'x', layout: 'FLAT' as const };
    expect(sensitivity({ keys: { quantiles: flat }, l0: 1, linf: 1, principals: 2, waitDaysMax: 9 })).toBe('20');
    expect(sensitivity({ mechanism: 'SQUARE_ROOT', horizon: 1, l0: 1, linf: 1 })).toBe(String(1024 ** 2));
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

  test('is 0, never less, where delta alone covers the loss', () => {
    expect(epsilonOf(parseRational('1/1000000'), 0.5)).toBe(0);
    expect(epsilonOf(parseRational('1/1000000'), 1e-9)).toBeGreaterThan(0);
  });

  test('is rounded up, never down', () => {
    expect(epsilonOf(parseRational('0.05'), 1e-6)).toBeGreaterThanOrEqual(1.4715947505);
  });
});
