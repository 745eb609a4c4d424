import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CircuitBreaker } from './circuit-breaker.ts';

// Goal: what fails is left alone, one request at a time finds out whether it is back, and nothing stays open for ever.
const create = (): { it: CircuitBreaker; pass: (ms: number) => void } => {
  let nowMs = 1_000_000;
  const it = new CircuitBreaker({ clock: () => nowMs });
  return { it, pass: (ms) => (nowMs += ms) };
};
const times = (count: number, each: () => void): void => Array.from({ length: count }).forEach(each);

describe('a circuit', () => {
  test('opens when half of ten requests failed, not before', () => {
    const { it } = create();
    times(5, () => it.succeed());
    times(4, () => it.fail());
    expect([it.state, it.admit()]).toEqual(['closed', null]);
    it.fail();
    expect([it.state, it.admit()]).toEqual(['open', 1_000]);
  });

  test('forgets failures that are older than its window', () => {
    const { it, pass } = create();
    times(9, () => it.fail());
    pass(10_001);
    it.fail();
    expect(it.state).toBe('closed');
  });

  test('lets one probe through when its time is over, and closes when that succeeds', () => {
    const { it, pass } = create();
    times(10, () => it.fail());
    pass(1_000);
    expect([it.state, it.admit(), it.admit()]).toEqual(['half-open', null, 1_000]);
    it.succeed();
    expect([it.state, it.admit()]).toEqual(['closed', null]);
    it.fail();
    expect(it.state).toBe('closed');
  });

  test('stays open twice as long after each probe that fails, half a minute at most', () => {
    const { it, pass } = create();
    times(10, () => it.fail());
    for (const openMs of [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      pass(30_000);
      expect(it.admit()).toBeNull();
      it.fail();
      expect(it.admit()).toBe(openMs);
    }
  });

  test('opens at once for as long as it is asked to, within half a minute', () => {
    const { it } = create();
    it.fail(5_000);
    expect(it.admit()).toBe(5_000);
    const other = create();
    other.it.fail(3_600_000);
    expect(other.it.admit()).toBe(30_000);
  });

  test('a probe that its caller gave up leaves room for the next', () => {
    const { it, pass } = create();
    times(10, () => it.fail());
    pass(1_000);
    it.admit();
    it.forget();
    expect(it.admit()).toBeNull();
  });

  test('whatever happened, it lets a request through within half a minute', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('succeed', 'fail', 'forget'), ms: fc.nat(5_000) }),
      fc.record({ kind: fc.constant('fail'), ms: fc.nat(100), retryAfterMs: fc.nat(100_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { it, pass } = create();
        for (const { kind, ms, ...rest } of steps) {
          pass(ms);
          if (it.admit() !== null) continue;
          if (kind === 'succeed') it.succeed();
          else if (kind === 'forget') it.forget();
          else it.fail('retryAfterMs' in rest ? rest.retryAfterMs : 0);
        }
        pass(30_000);
        expect(it.admit()).toBeNull();
      }),
    );
  });
});
