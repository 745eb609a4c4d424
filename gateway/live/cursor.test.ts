import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCursorSeal } from './cursor.ts';

// Goal: a cursor says where its own subscription stopped, and is worth nothing anywhere else or once it was touched.
const key = new Uint8Array(32).fill(7);
const scope = { topic: 't', field: 'said', args: { space: 'a', more: { x: 1, y: 2 } } };
const seal = createCursorSeal(key, scope);

describe('cursors', () => {
  test('every vector of positions comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 12 }), (positions) => {
        expect(seal.read(seal.write(positions))).toEqual(positions);
      }),
    );
  });

  test('the order in which arguments were given does not matter', () => {
    const same = createCursorSeal(key, { ...scope, args: { more: { y: 2, x: 1 }, space: 'a' } });
    expect(same.read(seal.write([5]))).toEqual([5]);
  });

  test.each([
    ['another key', createCursorSeal(new Uint8Array(32), scope)],
    ['another topic', createCursorSeal(key, { ...scope, topic: 'u' })],
    ['another field', createCursorSeal(key, { ...scope, field: 'sung' })],
    ['other arguments', createCursorSeal(key, { ...scope, args: { space: 'b' } })],
  ])('under %s it is refused', (_name, other) => {
    expect(other.read(seal.write([5]))).toBeNull();
  });

  test('one with any character changed, or any other text, is refused', () => {
    const cursor = seal.write([123, 456]);
    fc.assert(
      fc.property(fc.nat({ max: cursor.length - 2 }), fc.constantFrom('0', 'z', '_', '.'), (at, character) => {
        const changed = cursor.slice(0, at) + character + cursor.slice(at + 1);
        expect(changed === cursor || seal.read(changed) === null).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => seal.read(text) === null));
    expect(seal.read('1.'.repeat(20_000))).toBeNull();
  });
});
