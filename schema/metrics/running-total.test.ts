/** Goal: running totals have the published error, and without noise they are the exact totals. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseContinual,
  columnNormalised,
  decodingWeights,
  encode,
  errorAt,
  latticeToeplitz,
  meanError,
  tumblingMeanError,
} from './running-total.ts';

describe('the square root on the integer lattice', () => {
  test('has the published first coefficients and squared sensitivity at T = 1024, s = 10', () => {
    const factor = latticeToeplitz({ horizon: 1024, scaleBits: 10 });
    expect([...(factor.columns[0] ?? [])].slice(0, 6)).toEqual([1024, 512, 384, 320, 280, 252]);
    expect(factor.squaredSensitivity).toBe(3_430_736n);
  });

  test('with normalised columns its mean error at T = 1024 is 2.994 sigma within 2 %, seven times better than noise for each window', () => {
    const mean = meanError(columnNormalised({ horizon: 1024, scaleBits: 10 }));
    expect(Math.abs(mean / 2.994 - 1)).toBeLessThan(0.02);
    expect(tumblingMeanError(1024)).toBeGreaterThan(7 * mean);
  });

  test('normalising the columns helps at every horizon', () => {
    const [plain, normalised] = [
      latticeToeplitz({ horizon: 256, scaleBits: 10 }),
      columnNormalised({ horizon: 256, scaleBits: 10 }),
    ];
    expect(meanError(normalised)).toBeLessThan(meanError(plain));
  });

  test('without noise the decoded total is the exact total', () => {
    const factor = columnNormalised({ horizon: 64, scaleBits: 10 });
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 64 }), (counts) => {
        const released = counts.map((_, t) => Number(encode(factor, counts.slice(0, t + 1))));
        const weights = decodingWeights(factor, counts.length - 1);
        const total = released.reduce((sum, value, t) => sum + value * (weights[t] ?? 0), 0);
        expect(total).toBeCloseTo(
          counts.reduce((a, b) => a + b, 0),
          5,
        );
      }),
    );
  });

  test('no column is longer than the sensitivity says', () => {
    const { columns, squaredSensitivity } = columnNormalised({ horizon: 200, scaleBits: 8 });
    for (const column of columns)
      expect(BigInt(column.reduce((sum, entry) => sum + entry * entry, 0)) <= squaredSensitivity).toBe(true);
  });

  test('the mechanism with the smaller computed error is chosen, and never the square root beyond four windows', () => {
    const factor = columnNormalised({ horizon: 128, scaleBits: 10 });
    const chosen = [1, 2, 4, 5].map((k) => chooseContinual(factor, k));
    expect(chosen).toEqual(['SQUARE_ROOT', 'SQUARE_ROOT', 'SQUARE_ROOT', 'TUMBLING']);
    expect(chooseContinual(columnNormalised({ horizon: 16, scaleBits: 10 }), 4)).toBe('TUMBLING');
    expect(chooseContinual(columnNormalised({ horizon: 2, scaleBits: 10 }), 2)).toBe('TUMBLING');
  });

  test('refuses horizons, scales and windows that it cannot hold', () => {
    expect(() => latticeToeplitz({ horizon: 0, scaleBits: 10 })).toThrow(RangeError);
    expect(() => columnNormalised({ horizon: 8, scaleBits: 21 })).toThrow(RangeError);
    const factor = columnNormalised({ horizon: 2, scaleBits: 10 });
    expect(() => encode(factor, [1, 1, 1])).toThrow(RangeError);
    expect(() => errorAt(factor, 2)).toThrow(RangeError);
  });
});
