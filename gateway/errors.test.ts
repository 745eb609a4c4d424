import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { errorCodes } from './errors.ts';

// Goal: whoever gets a refusal finds its code in the README.
test('the README explains every code that the gateway gives, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const table = text.split('\n').filter((line) => line.startsWith('| `'));
  const told = table.flatMap((line) => line.split('|')[1]?.match(/[A-Z_]{4,}/g) ?? []);
  expect(told.toSorted()).toEqual(Object.values(errorCodes).toSorted());
});
