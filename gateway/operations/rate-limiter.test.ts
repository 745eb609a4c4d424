import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from './rate-limiter.ts';

// Goal: no caller ever gets more than a full budget and what came back since, and who waits as told is let through.
describe('RateLimiter', () => {
  test('over any course of requests', () => {
    const request = fc.record({ waitMs: fc.nat({ max: 5_000 }), units: fc.integer({ min: 1, max: 30 }) });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 50 }), (requests) => {
        let nowMs = 0;
        let given = 0;
        const limiter = new RateLimiter({ units: 20, windowS: 10 }, () => nowMs);
        for (const { waitMs, units } of requests) {
          nowMs += waitMs;
          const state = limiter.take('a', units);
          if (state.allowed) given += units;
          expect(given).toBeLessThanOrEqual(20 + nowMs / 500 + 1e-6);
          expect(state.remaining).toBeLessThanOrEqual(20);
          if (state.allowed || units > 20) continue;
          nowMs += state.retryAfterS * 1000;
          expect(limiter.take('a', units).allowed).toBe(true);
          given += units;
        }
      }),
    );
  });

  test('callers do not share', () => {
    const limiter = new RateLimiter({ units: 1, windowS: 60 }, () => 0);
    expect([limiter.take('a', 1).allowed, limiter.take('a', 1).allowed, limiter.take('b', 1).allowed]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('what was done already is taken from who has less as well, and has to come back first', () => {
    let nowMs = 0;
    const limiter = new RateLimiter({ units: 60, windowS: 60 }, () => nowMs);
    limiter.charge('a', 0.01);
    expect(limiter.take('a', 1)).toMatchObject({ allowed: true, remaining: 59 });
    limiter.charge('a', 1.5);
    expect(limiter.take('a', 1)).toEqual({ allowed: false, remaining: 0, resetS: 91, retryAfterS: 32 });
    nowMs += 32_000;
    expect(limiter.take('a', 1).allowed).toBe(true);
  });
});
