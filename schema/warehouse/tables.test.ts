import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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
