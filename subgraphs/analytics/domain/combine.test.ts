import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { combinedInterval } from './combine.ts';
import { endOfPeriod } from './periods.ts';

describe('combining released windows', () => {
  test('one window keeps its interval; four windows of the same noise are twice as uncertain', () => {
    expect(combinedInterval({ value: 5n, halfWidthSquares: 27 ** 2 })).toEqual({ low: -22n, high: 32n });
    expect(combinedInterval({ value: 5n, halfWidthSquares: 4 * 27 ** 2 })).toEqual({ low: -49n, high: 59n });
  });

  test('the interval holds the value in its middle and never narrows with more windows', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        (value, squares, more) => {
          const [narrow, wide] = [
            combinedInterval({ value, halfWidthSquares: squares }),
            combinedInterval({ value, halfWidthSquares: squares + more }),
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
