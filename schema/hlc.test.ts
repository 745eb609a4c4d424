import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clockDomain, compareHlc, formatHlc, parseHlc } from './hlc.ts';

const reading = fc.record({
  wallUs: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
  counter: fc.integer({ min: 0, max: 65_535 }),
  node: fc.constantFrom('live:a', 'live:b', 'replay:x.example'),
});

describe('the HLC scalar', () => {
  test('reads what it wrote, and its texts sort as its readings do', () => {
    fc.assert(
      fc.property(reading, reading, (a, b) => {
        expect(parseHlc(formatHlc(a))).toEqual(a);
        const [left, right] = [formatHlc(a), formatHlc(b)];
        expect(Math.sign(compareHlc(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  test('refuses anything else', () => {
    expect(['', '12', 'x'.repeat(40), '0000000000000001.99999.live'].map(parseHlc)).toEqual([null, null, null, null]);
  });

  test('domains: an import has its own, all live processes share one', () => {
    expect(clockDomain({ wallUs: 1, counter: 0, node: 'live:17' })).toBe('live');
    expect(clockDomain({ wallUs: 1, counter: 0, node: 'replay:x.example' })).toBe('replay:x.example');
  });
});
