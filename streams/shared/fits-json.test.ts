import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fitsJson } from './fits-json.ts';

test('goal: what fits takes no more characters than it may', () => {
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.double()));
  fc.assert(
    fc.property(value, (each) => {
      const { length } = JSON.stringify(each);
      expect(fitsJson(each, length - 1)).toBe(false);
      expect(fitsJson(each, 6 * length + 100 * length)).toBe(true);
    }),
  );
});

test('goal: what has no JSON, or says itself what it is in JSON, is not vouched for', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  for (const odd of [undefined, 1n, () => 1, Symbol('s'), new Date(0), new Map(), { at: 1n }, [undefined], circular])
    expect(fitsJson(odd, 1_000_000)).toBe(false);
});
