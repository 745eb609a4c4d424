import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError, parseValue } from 'graphql';
import { scalars } from './scalars.ts';

// Goal: what goes in comes out as the same thing, and nothing that only looks like it gets in.
describe('scalars', () => {
  test('DateTime takes instants in UTC and gives them with milliseconds', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          expect(scalars.DateTime.parseValue(date.toISOString())).toBe(date.toISOString());
          expect(scalars.DateTime.serialize(date)).toBe(date.toISOString());
        },
      ),
    );
    expect(scalars.DateTime.parseValue('2018-03-12T09:00:00Z')).toBe('2018-03-12T09:00:00.000Z');
  });

  test.each([
    '2018-03-12',
    '2018-02-30T00:00:00Z',
    '2018-03-12T09:00:00+01:00',
    '2018-03-12T25:00:00Z',
    'yesterday',
    7,
    null,
  ])('DateTime refuses %p', (value) => {
    expect(() => scalars.DateTime.parseValue(value)).toThrow(GraphQLError);
  });

  test('HLC is written as text and read back', () => {
    const text = scalars.HLC.serialize({ wallUs: 12, counter: 3, node: 'live:a' });
    expect(text).toBe('0000000000000012.00003.live:a');
    expect(scalars.HLC.parseValue(text)).toBe(text);
    expect(() => scalars.HLC.parseValue('12.3.a')).toThrow(/HLC/);
  });

  test('BigInt keeps every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }), (value) =>
        expect(scalars.BigInt.parseValue(scalars.BigInt.serialize(value))).toBe(value),
      ),
    );
    for (const value of [1.5, 2 ** 53, '1e3', '', true])
      expect(() => scalars.BigInt.parseValue(value)).toThrow(/BigInt/);
    expect(scalars.BigInt.parseLiteral(parseValue('12345678901234567890'), {})).toBe(12345678901234567890n);
  });
});
