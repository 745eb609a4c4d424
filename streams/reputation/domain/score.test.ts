import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decay } from '../../../schema/reputation/formula.ts';
import { betaCdf, betaQuantile, logGamma } from './beta.ts';
import type { DimensionState } from './memory.ts';
import { accumulate, expectation, scoreOf, sumsAt } from './score.ts';
import { dayMs, startMs } from './testing.ts';

describe('the Beta distribution', () => {
  test('goal: the known values', () => {
    // Uniform; arcsine, x = sin²(p π / 2); power law x^a; and the binomial sum for whole shapes.
    expect(betaQuantile(0.3, 1, 1)).toBeCloseTo(0.3, 12);
    expect(betaQuantile(0.1, 0.5, 0.5)).toBeCloseTo(Math.sin((0.1 * Math.PI) / 2) ** 2, 12);
    expect(betaQuantile(0.9, 3, 1)).toBeCloseTo(0.9 ** (1 / 3), 12);
    expect(betaCdf(0.4, 2, 3)).toBeCloseTo(0.5248, 12);
    expect(Math.exp(logGamma(5))).toBeCloseTo(24, 9);
    expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 12);
  });

  test('goal: quantiles invert the distribution function over every shape that scores take', () => {
    const shape = fc.double({ min: 0.5, max: 5_000, noNaN: true });
    fc.assert(
      fc.property(shape, shape, fc.constantFrom(0.1, 0.5, 0.9), (a, b, p) => {
        expect(Math.abs(betaCdf(betaQuantile(p, a, b), a, b) - p)).toBeLessThan(1e-8);
      }),
    );
  });

  test('goal: a quantile is the cell at which halving ends, whatever way leads there: rows stay what they were', () => {
    const shape = fc.double({ min: 0.5, max: 5_000, noNaN: true });
    const halved = (p: number, a: number, b: number): number => {
      let [low, high] = [0, 1];
      while (high - low > 1e-14) {
        const middle = (low + high) / 2;
        if (betaCdf(middle, a, b) < p) low = middle;
        else high = middle;
      }
      return (low + high) / 2;
    };
    fc.assert(
      fc.property(shape, shape, fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (a, b, p) => {
        expect(betaQuantile(p, a, b)).toBe(halved(p, a, b));
      }),
    );
  });
});

describe('decay', () => {
  const stateAfter = (...pieces: readonly { amount: number; day: number }[]): DimensionState =>
    pieces.reduce<DimensionState | undefined>(
      (state, { amount, day }) =>
        accumulate(state, { amount, isNegative: amount < 0, atMs: startMs + day * dayMs, pieces: 1 }),
      undefined,
    ) as DimensionState;

  test('goal: after 20 and 365 days what the half-lives say is left', () => {
    expect(decay(0, 1)).toBe(1);
    expect(decay(20 * dayMs, 1)).toBeCloseTo(0.35 + 0.3 * 2 ** (-20 / 365), 12);
    expect(decay(365 * dayMs, 1)).toBeCloseTo(0.15 + 0.7 * 2 ** (-365 / 20), 12);
  });

  test('goal: what is negative weighs half more and fades slower, so that a bad history is not gone by waiting', () => {
    expect(decay(0, -1)).toBe(1.5);
    expect(decay(1_095 * dayMs, -1)).toBeCloseTo(0.25 + 0.3 * 2 ** -3 + 0.7 * 2 ** (-1_095 / 20), 12);
  });

  test('goal: sums decay by the events’ own time, and late evidence comes in as old as it is', () => {
    const inOrder = stateAfter({ amount: 0.3, day: 0 }, { amount: -0.6, day: 10 }, { amount: 1, day: 40 });
    const late = stateAfter({ amount: 1, day: 40 }, { amount: 0.3, day: 0 }, { amount: -0.6, day: 10 });
    const expected = { positive: 1 + 0.3 * decay(40 * dayMs, 1), negative: 0.6 * decay(30 * dayMs, -1) };
    for (const state of [inOrder, late]) {
      expect(state).toMatchObject({ count: 3, atMs: startMs + 40 * dayMs });
      expect(sumsAt(state, state.atMs).positive).toBeCloseTo(expected.positive, 12);
      expect(sumsAt(state, state.atMs).negative).toBeCloseTo(expected.negative, 12);
    }
    expect(sumsAt(inOrder, startMs + 100 * dayMs).positive).toBeCloseTo(
      decay(60 * dayMs, 1) + 0.3 * decay(100 * dayMs, 1),
      12,
    );
  });

  test('goal: F = (r + 2) / (r + 2 s + 2.5), within its interval, which narrows with evidence', () => {
    expect(expectation({ positive: 1, negative: 0.5 })).toBeCloseTo(3 / 4.5, 12);
    const [few, many] = [
      scoreOf(stateAfter({ amount: 1, day: 0 }, { amount: -0.3, day: 0 })),
      scoreOf(stateAfter({ amount: 100, day: 0 }, { amount: -30, day: 0 })),
    ];
    for (const { score, low, high } of [few, many]) {
      expect(low).toBeGreaterThan(0);
      expect(low).toBeLessThan(score);
      expect(high).toBeGreaterThan(score);
      expect(high).toBeLessThan(100);
    }
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 3);
  });

  test('goal: the interval is that of 80 % of Beta(r + 2, 2 s + 0.5)', () => {
    const { low, high, positive, negative } = scoreOf(stateAfter({ amount: 3, day: 0 }, { amount: -0.4, day: 7 }));
    const [a, b] = [positive + 2, 2 * negative + 0.5];
    expect(betaCdf(low / 100, a, b)).toBeCloseTo(0.1, 9);
    expect(betaCdf(high / 100, a, b)).toBeCloseTo(0.9, 9);
  });

  test('goal: a score is as of the newest evidence that counts, whenever that came to count', () => {
    const change = { amount: 1, isNegative: false, pieces: 1 };
    const first = accumulate(undefined, { ...change, atMs: startMs, happenedMs: startMs - dayMs });
    expect(first).toMatchObject({ atMs: startMs, asOfMs: startMs - dayMs });
    const later = accumulate(first, { ...change, atMs: startMs + 2 * dayMs });
    expect(later.asOfMs).toBe(startMs + 2 * dayMs);
    expect(accumulate(later, { ...change, atMs: startMs, happenedMs: startMs }).asOfMs).toBe(startMs + 2 * dayMs);
  });
});
