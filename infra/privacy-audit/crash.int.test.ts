/** Goal: processes that are killed with SIGKILL between any two steps of a release spend nothing twice and change nothing, and nothing that others may read names anybody. Many more seeds: `npm run audit:privacy`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { crashEdits } from './crash-edits.ts';
import { crashSuite } from './crash-suite.ts';
import { leakScan } from './leak-scan.ts';

test('each point of the crash suite stands in its file exactly once', () => {
  const root = resolve(import.meta.dirname, '..', '..');
  const stale = crashEdits.filter(
    ({ file, after }) => readFileSync(resolve(root, file), 'utf8').split(after).length !== 2,
  );
  expect(stale.map(({ name }) => name)).toEqual([]);
});

test('kills leave a ledger that verifies, and end as a run that nobody disturbed', async () => {
  const { kills, faults } = await crashSuite({ seeds: 3, lanes: 1, warehouse: false });
  expect(faults).toEqual([]);
  expect(kills).toBeGreaterThan(0);
}, 400_000);

test('canaries and exact counts are in no table of analytics, log line or metric', async () => {
  const { rows, faults } = await leakScan();
  expect(faults).toEqual([]);
  expect(rows).toBeGreaterThan(300);
}, 300_000);
