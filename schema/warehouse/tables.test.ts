import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkRow, checkRowText, isRow, rowTextOf } from './row-text.ts';
import { isoFromWarehouse, tables, warehouseInstant } from './tables.ts';

const { day } = tables['analytics.client_answers'].shape;
const two = (value: number): string => String(value).padStart(2, '0');

describe('instants of rows', () => {
  test('each that the writer writes is taken', () => {
    const lastMs = Date.UTC(2289, 11, 31, 23, 59, 59, 999);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastMs }), (ms) => {
        const text = warehouseInstant(ms * 1000);
        expect(day.safeParse(text).success).toBe(true);
        expect(Date.parse(isoFromWarehouse(text))).toBe(ms);
      }),
    );
  });

  test('each is that of the calendar, whichever was written before it', () => {
    const near = fc.array(fc.integer({ min: -100_000_000, max: 100_000_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 100_000_000, max: Date.UTC(2200, 0) }), near, (ms, others) => {
        for (const at of [ms, ...others.map((other) => ms + other), ms])
          expect(isoFromWarehouse(warehouseInstant(at * 1000 + 999))).toBe(new Date(at).toISOString());
      }),
    );
    expect(() => warehouseInstant(Number.NaN)).toThrow(RangeError);
  });

  test('exactly those are taken that the calendar has', () => {
    const fields = fc.tuple(
      fc.integer({ min: 1970, max: 2289 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      fc.integer({ min: 0, max: 25 }),
      fc.integer({ min: 0, max: 61 }),
    );
    fc.assert(
      fc.property(fields, ([year, month, dayOfMonth, hour, minute]) => {
        const text = `${year}-${two(month)}-${two(dayOfMonth)} ${two(hour)}:${two(minute)}:59.999`;
        const ms = Date.parse(isoFromWarehouse(text));
        // Date.parse takes 30 February for 2 March, and 24:00 for the next day.
        const real = !Number.isNaN(ms) && warehouseInstant(ms * 1000) === text;
        expect(day.safeParse(text).success).toBe(real);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['2024-02-29 00:00:00.000', '2000-02-29 00:00:00.000'])('%s is a leap day', (text) => {
    expect(day.safeParse(text).success).toBe(true);
  });

  test.each(['2023-02-29 00:00:00.000', '2100-02-29 00:00:00.000', '2290-01-01 00:00:00.000', '2024-01-01'])(
    '%s is refused',
    (text) => {
      expect(day.safeParse(text).success).toBe(false);
    },
  );
});

describe('a row as text', () => {
  // Goal: a log that an earlier version wrote fills the warehouse as before.
  test('may leave out a column that came later, and nothing else', () => {
    const row = {
      ...{ creator_id: 'ada', dimension: 'QUALITY', formula_version: '1', score: 50, low: 40, high: 60 },
      ...{ positive: 1, negative: 0, evidence_count: 1, as_of: '2024-01-01 00:00:00.000', version: 7 },
    };
    const { text, problem } = checkRowText('platform.reputation_scores', JSON.stringify(row));
    expect([JSON.parse(text ?? ''), problem]).toEqual([row, null]);
    const later = { ...row, changed_at: '2024-02-30 00:00:00.000' };
    expect(checkRowText('platform.reputation_scores', JSON.stringify(later)).problem).toMatch(/changed_at/);
    const { as_of: _asOf, ...less } = row;
    expect(checkRowText('platform.reputation_scores', JSON.stringify(less)).problem).toMatch(/as_of/);
  });

  test('fits exactly where the row does, and says the same of it', () => {
    const row = fc.record(
      {
        event_id: fc.string({ unit: 'binary', minLength: 0, maxLength: 3 }),
        seq: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, 4_294_967_296, '1')),
        status: fc.constantFrom('CANONICAL', 'ELSEWHERE'),
        reason: fc.constantFrom('', 'half a pair: \udc00', 'a whole one: \ud83d\ude00', 'written: \\udc00'),
        decider: fc.constant('system'),
        contradiction: fc.constantFrom(null, 'STATE'),
        moved_at: fc.constantFrom('2024-02-29 00:00:00.000', '2024-02-30 00:00:00.000'),
        unknown: fc.constant(1),
      },
      { requiredKeys: ['event_id', 'seq', 'status', 'decider', 'contradiction'] },
    );
    fc.assert(
      fc.property(row, (given) => {
        const { text, problem } = checkRow('platform.canon_status', given);
        const written = JSON.stringify(given);
        const checked = { text: text && written, problem };
        expect(checkRowText('platform.canon_status', written)).toEqual(checked);
        // What is known of it before it is written spares the check, where it is known.
        const rowOf = isRow('platform.canon_status', given) ? 'platform.canon_status' : undefined;
        expect(rowTextOf('platform.canon_status', { value: written, rowOf })).toEqual(checked);
        expect(rowTextOf('platform.canon_cases', { value: written, rowOf }).text).toBe(null);
      }),
    );
  });
});
