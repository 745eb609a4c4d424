import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorBarHalfWidth, gaussianNormaliser } from '../../../schema/metrics/error-bar.ts';
import { metrics } from '../../../schema/metrics/catalogue.ts';
import { toNumber } from '../../../schema/metrics/rational.ts';
import { combinedInterval, spread } from './combine.ts';
import { endOfPeriod, isDay } from './periods.ts';

describe('combining released windows', () => {
  test('one window keeps its interval; four windows of the same noise are twice as uncertain', () => {
    expect(combinedInterval({ value: 5n, spreads: spread(27) })).toEqual({ low: -22n, high: 32n });
    expect(combinedInterval({ value: 5n, spreads: 4 * spread(27) })).toEqual({ low: -50n, high: 60n });
  });

  test('sums of any number of windows are held as often as one window is, whatever the metric', () => {
    for (const { sigma2 } of metrics.filter(({ horizon }) => horizon === undefined))
      for (const windows of [1, 7, 30, 365, 2_000]) {
        const half = Number(
          combinedInterval({ value: 0n, spreads: windows * spread(errorBarHalfWidth([sigma2], 0.95)) }).high,
        );
        const total = windows * toNumber(sigma2);
        let held = 1;
        for (let x = half; x > 0; x -= 1) held += 2 * Math.exp(-(x * x) / (2 * total));
        expect(held / gaussianNormaliser(total)).toBeGreaterThanOrEqual(0.95 - 1e-9);
      }
  });

  test('the interval holds the value in its middle and never narrows with more windows', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        (value, squares, more) => {
          const [narrow, wide] = [
            combinedInterval({ value, spreads: squares }),
            combinedInterval({ value, spreads: squares + more }),
          ];
          expect(narrow.high - value).toBe(value - narrow.low);
          expect(wide.high >= narrow.high && wide.low <= narrow.low).toBe(true);
        },
      ),
    );
  });
});

test('periods end where the next begins, months at their own length', () => {
  expect(endOfPeriod('2018-02-01T00:00:00.000Z', 'MONTH')).toBe('2018-03-01T00:00:00.000Z');
  expect(endOfPeriod('2018-12-01T00:00:00.000Z', 'MONTH')).toBe('2019-01-01T00:00:00.000Z');
  expect(endOfPeriod('2018-03-12T00:00:00.000Z', 'WEEK')).toBe('2018-03-19T00:00:00.000Z');
  expect(endOfPeriod('2018-03-12T23:00:00.000Z', 'HOUR')).toBe('2018-03-13T00:00:00.000Z');
});

test('a day is one of the calendar, in the form in which the ledger has it', () => {
  expect(['2018-03-12', '2020-02-29', '9999-12-31'].map(isDay)).toEqual([true, true, true]);
  const others = ['2018-02-30', '2019-02-29', '+002018-03-12', '-000001-01-01', '2018-3-12', '2018-03', ' ', ''];
  expect(others.filter(isDay)).toEqual([]);
});
