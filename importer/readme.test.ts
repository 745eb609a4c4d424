import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lineSchema } from '../schema/import/line.ts';

// Goal: whoever writes an import by the README alone gives every field that a line needs, and finds every field that it may have.
test('the README names the fields of each kind of line, the needed ones before the semicolon', () => {
  const rows = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, kind, fields = ''] = /^\| `([a-z-]+\.[a-z-]+)` \| (.*) \|$/.exec(line) ?? [];
      return kind === undefined ? [] : [[kind, fields.replaceAll(/\([^)]*\)/g, '')] as const];
    });
  const namesIn = (text = ''): readonly string[] =>
    Array.from(text.matchAll(/`(\w+)`/g), ([, name = '']) => name).toSorted();
  const told = rows.map(([kind, fields]) => {
    const [needed, optional] = fields.split(';');
    return { kind, needed: namesIn(needed), optional: namesIn(optional) };
  });
  const given = lineSchema.options.map(({ shape }) => {
    const { id: _id, at: _at, do: kind, ...fields } = shape;
    const names = Object.entries<{ isOptional(): boolean }>(fields);
    const of = (isOptional: boolean) => names.flatMap(([name, type]) => (type.isOptional() === isOptional ? name : []));
    return { kind: kind.value, needed: of(false).toSorted(), optional: of(true).toSorted() };
  });
  expect(told.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual(
    given.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
  );
});
