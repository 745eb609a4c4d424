import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './envelope.ts';
import { parseExactly } from './exact-json.ts';

describe('reading JSON', () => {
  test('gives a key with escapes as it is, whatever objects there were before', () => {
    // Keys that begin, as characters, as the escapes of the others are written.
    const before = [
      { b: 1, '\\': 1 },
      { c: 1, '\\n': 1 },
      { d: 1, '\\u00': 1 },
    ].map((each) => JSON.stringify(each));
    for (const text of before) expect(JSON.stringify(parseExactly(text))).toBe(text);
    for (const text of [
      '{"b":1,"\\n":1}',
      '{"b":1,"\\"":{"b":1,"\\t":1}}',
      '{"c":1,"\\n\\n":1}',
      '[{"d":1,"\\u0001\\u0002\\u0003\\u0004":2}]',
    ])
      expect(JSON.stringify(parseExactly(text))).toBe(text);
  });

  test('gives what was written, of any value', () => {
    const key = fc.string({
      unit: fc.constantFrom('a', '\\', '"', '\n', '\u0001', ':', '1', '\ue000', '😀'),
      maxLength: 4,
    });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        key,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseExactly(text))).toBe(text);
        expect(canonicalJson(parseExactly(JSON.stringify(value, null, 1)))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('goes as deep as JSON.parse does', () => {
    const levels = 50_000;
    let value = parseExactly(`${'{"\\\\":{"\\n":'.repeat(levels / 2)}1${'}'.repeat(levels)}`);
    for (let level = 0; level < levels; level += 2)
      value = (value as Record<string, Record<string, unknown>>)['\\']?.['\n'];
    expect(value).toBe(1);
  });

  test('of __proto__ is no inheritance; of what is no JSON throws', () => {
    const value = parseExactly('{"\\u005f_proto__":{"x":1},"__proto__":2}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    for (const text of ['', '{"\\x":1}', '{"a\\\nb":1}', '{"\\n" 1}', '"\\"', '{"\\n":}', '{\\n:1}'])
      expect(() => parseExactly(text)).toThrow(SyntaxError);
  });
});
