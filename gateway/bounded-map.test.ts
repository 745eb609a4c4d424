import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BoundedMap } from './bounded-map.ts';

// Goal: whatever is put in, the weight stays within the limit, and what was used last is there.
describe('BoundedMap', () => {
  test('forgets what was used longest ago', () => {
    const map = new BoundedMap<number>({ weightMax: 2 });
    map.set('a', 1, 1);
    map.set('b', 2, 1);
    map.get('a');
    map.set('c', 3, 1);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  });

  test('never weighs more than it may, and keeps the newest entry that fits', () => {
    const put = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(put), (puts) => {
        const map = new BoundedMap<number>({ weightMax: 10 });
        puts.forEach(({ key, weight }, index) => {
          map.set(key, index, weight);
          expect(map.weight).toBeLessThanOrEqual(10);
          expect(map.get(key)).toBe(weight <= 10 ? index : undefined);
        });
      }),
    );
  });
});
