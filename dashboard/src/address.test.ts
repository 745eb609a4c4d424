import { expect, test } from '@jest/globals';
import { decodedPart } from './address.ts';

test('a part that is well encoded is decoded, and one that is not stays as it was typed', () => {
  expect(decodedPart('ann%20b')).toBe('ann b');
  expect(decodedPart('100%')).toBe('100%');
  expect(decodedPart('%zz')).toBe('%zz');
  expect(decodedPart('')).toBe('');
});
