import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalSkill } from './skill.ts';

// Goal: two people who mean the same skill store the same text.
describe('canonicalSkill', () => {
  test.each([
    ['  Quantum\t Error   Correction ', 'quantum error correction'],
    ['C++', 'c++'],
    ['Cafe\u0301', 'café'],
    ['\u1fbc\u0301', '\u1fb4'],
  ])('%j is %j', (text, skill) => expect(canonicalSkill(text)).toBe(skill));

  test.each(['', '   ', 'a\u0000b', '\ud800', 'x'.repeat(65), '\u3164', 'ru\u3164st', 'rust\ufe0f', 'a\u034fb'])(
    '%j names no skill',
    (text) => expect(canonicalSkill(text)).toBeNull(),
  );

  test('a canonical skill is its own canonical form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        const skill = canonicalSkill(text);
        fc.pre(skill !== null);
        expect(canonicalSkill(skill)).toBe(skill);
      }),
    );
  });
});
