import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, pageLimits, pageRequest, toConnection } from './connection.ts';

describe('Relay connections', () => {
  test('a cursor gives back its position, for its own list only', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer(), fc.double({ noInteger: true, noDefaultInfinity: true, noNaN: true })),
        fc.string(),
        fc.string(),
        (value, id, list) => {
          const cursor = encodeCursor(list, { value, id });
          expect(decodeCursor(list, cursor)).toEqual({ value, id });
          expect(() => decodeCursor(`${list}!`, cursor)).toThrow(/another list/);
        },
      ),
    );
  });

  test('anything that is no cursor is refused by name, never a crash', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => decodeCursor('list', text)).toThrow(/after is/)));
  });

  test.each([
    ['a number that no engine holds exactly', 1e308, 'id'],
    ['half of a surrogate pair', '\ud800', 'id'],
    ['half of a surrogate pair in the id', 1, '\ud800'],
  ])('a forged cursor is refused like one that is none: %s', (_name, value, id) => {
    expect(() => decodeCursor('list', encodeCursor('list', { value, id }))).toThrow(/not a cursor of this API/);
  });

  test('page sizes outside the limits are refused with the limit', () => {
    expect(() => pageRequest('list', { first: pageLimits.max + 1 })).toThrow(/1 to 100/);
    expect(() => pageRequest('list', { first: 0 })).toThrow(/1 to 100/);
    expect(pageRequest('list', {})).toEqual({ limit: pageLimits.default });
  });

  test('an empty page has null cursors', () => {
    const connection = toConnection('list', { limit: 5 }, { items: [], keysets: [], hasMore: false }, (item) => item);
    expect(connection.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });
});
