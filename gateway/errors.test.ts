import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorCodes } from './errors.ts';

// Goal: whoever gets a refusal finds its code in the README.
test('the README explains every code that the gateway gives, and no other', () => {
  expect(codesBelow('| `extensions.code` | status |')).toEqual(Object.values(errorCodes).toSorted());
});

test('the README explains every code that subgraphs give to clients, and no other', () => {
  const folder = join(import.meta.dirname, '../subgraphs');
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !/generated|testing|\.test\.ts$/.test(file));
  const given = files.flatMap((file) =>
    Array.from(
      readFileSync(join(folder, file), 'utf8').matchAll(/\bextensions(?::| =) \{ code: ([^,}]*)/g),
      ([, value = '']) => value,
    ),
  );
  const codes = new Set(given.flatMap((value) => value.match(/(?<=')[A-Z_]+(?=')/g) ?? []));
  // Subscriptions never get to a subgraph: the gateway serves them.
  codes.delete('NOT_SERVED_HERE');
  expect(codesBelow('| `extensions.code` from a subgraph |')).toEqual([...codes].toSorted());
});

function codesBelow(head: string): readonly string[] {
  const lines = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').split('\n');
  const table = lines.slice(lines.findIndex((line) => line.startsWith(head)) + 2);
  const rows = table.slice(0, table.indexOf(''));
  return rows.flatMap((line) => line.split('|')[1]?.match(/[A-Z_]{4,}/g) ?? []).toSorted();
}
