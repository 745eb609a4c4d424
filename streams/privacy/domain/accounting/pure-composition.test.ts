/** Goal: exact composition has its published values and never exceeds what plain addition says. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatedDelta, repeatedEpsilon } from './pure-composition.ts';

describe('exact composition', () => {
  test.each([
    [1e-6, 2.345887693],
    [1e-9, 2.797584469],
  ])('of discrete Laplace noise, a = 0.1, 30 times, at delta %d is %d', (delta, epsilon) => {
    const got = repeatedEpsilon({ epsilon: 0.1, delta: 0, count: 30 }, delta);
    expect(Math.abs((got ?? 0) - epsilon)).toBeLessThan(1e-9);
  });

  test.each([
    [0.06, 22],
    [0.1, 20],
  ])('of 30 times (1, 0.001) at delta %d: the theorem, which tells every second epsilon, says %d', (delta, epsilon) => {
    const each = { epsilon: 1, delta: 0.001, count: 30 };
    expect(repeatedDelta(each, epsilon)).toBeLessThanOrEqual(delta);
    expect(repeatedDelta(each, epsilon - 2)).toBeGreaterThan(delta);
    expect(2 * Math.ceil((repeatedEpsilon(each, delta) ?? 0) / 2)).toBe(epsilon);
  });

  test('one mechanism costs what it says; many cost at most the sum; no epsilon undoes their own deltas', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 2, noNaN: true }), fc.integer({ min: 1, max: 60 }), (epsilon, count) => {
        expect(repeatedDelta({ epsilon, delta: 0, count }, epsilon * count)).toBeLessThan(1e-12);
        const total = repeatedEpsilon({ epsilon, delta: 0, count }, 1e-9);
        expect(total).toBeLessThanOrEqual(epsilon * count * (1 + 1e-11));
      }),
    );
    expect(repeatedDelta({ epsilon: 1, delta: 0, count: 1 }, 0)).toBeCloseTo(Math.tanh(0.5), 12);
    expect(repeatedEpsilon({ epsilon: 1, delta: 0.01, count: 10 }, 0.05)).toBeNull();
  });
});
