import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ClockDriftError, HlcClock, type HlcReading, machineClock } from './hlc-clock.ts';

const isBefore = (a: HlcReading, b: HlcReading): boolean =>
  a.wallUs < b.wallUs || (a.wallUs === b.wallUs && a.counter < b.counter);

describe('a hybrid logical clock', () => {
  test('readings strictly increase whatever the machine’s clock does, and counters stay bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 200 }), (walls) => {
        let at = 0;
        const clock = new HlcClock({ node: 'live:test', wall: { nowUs: () => walls[at++] ?? 0 } });
        const readings = walls.map(() => clock.now());
        expect(
          readings.every((reading, index) => index === 0 || isBefore(readings[index - 1] ?? reading, reading)),
        ).toBe(true);
        expect(readings.every((reading) => reading.counter <= 65_535)).toBe(true);
      }),
    );
  });

  test('when the counter is used up the wall part moves on by a microsecond', () => {
    const clock = new HlcClock({ node: 'live:test', wall: { nowUs: () => 10 } });
    clock.restore({ wallUs: 10, counter: 65_535 });
    expect(clock.now()).toEqual({ wallUs: 11, counter: 0, node: 'live:test' });
  });

  test('what comes after an observed reading is later than it, so cause precedes effect', () => {
    const clock = new HlcClock({ node: 'live:test', wall: { nowUs: () => 1_000 } });
    clock.observe({ wallUs: 40_000, counter: 3 });
    expect(clock.now()).toEqual({ wallUs: 40_000, counter: 4, node: 'live:test' });
  });

  test('a clock too far ahead is refused, not clamped', () => {
    const clock = new HlcClock({ node: 'live:test', wall: { nowUs: () => 5_000 }, maxDriftMs: 1 });
    expect(() => clock.observe({ wallUs: 6_001, counter: 0 })).toThrow(ClockDriftError);
    expect(clock.now()).toEqual({ wallUs: 5_000, counter: 0, node: 'live:test' });
    clock.observe({ wallUs: 6_000, counter: 0 });
    expect(clock.now()).toEqual({ wallUs: 6_000, counter: 1, node: 'live:test' });
  });

  test('a reading is later than one that was stored by a clock that goes before this one', () => {
    const clock = new HlcClock({ node: 'live:test', wall: { nowUs: () => 5_000 } });
    expect(clock.nowAfter({ wallUs: 9_000_000_000, counter: 7 })).toMatchObject({ wallUs: 9_000_000_000, counter: 8 });
    expect(clock.nowAfter()).toMatchObject({ wallUs: 9_000_000_000, counter: 9 });
    expect(clock.nowAfter({ wallUs: 5_000, counter: 1 })).toMatchObject({ wallUs: 9_000_000_000, counter: 10 });
  });

  test('the machine’s clock is told in microseconds', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_234);
    try {
      expect(machineClock.nowUs()).toBe(1_234_000);
    } finally {
      now.mockRestore();
    }
  });
});
