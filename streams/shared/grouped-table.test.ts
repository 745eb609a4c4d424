/** Goal: however entries are grouped, a table answers as a plain map would. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GroupedTable } from './grouped-table.ts';

const key = fc
  .array(fc.constantFrom('a', 'b', 'ab', ''), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('|'));

test('a grouped table is a map whose prefixes are found', () => {
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.array(fc.tuple(key, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 30 }),
      key,
      (segments, writes, prefix) => {
        const table = new GroupedTable(segments);
        const plain = new Map<string, number>();
        for (const [name, value] of writes) {
          table.set(name, value);
          if (value === undefined) plain.delete(name);
          else plain.set(name, value);
        }
        for (const [name] of writes) expect(table.get(name)).toBe(plain.get(name));
        expect([...table.startingWith(prefix)].toSorted()).toEqual(
          [...plain].filter(([name]) => name.startsWith(prefix)).toSorted(),
        );
      },
    ),
  );
});
