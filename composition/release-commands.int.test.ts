import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { openEmbeddedEngines } from '../infra/embedded-engines.ts';
import { topics } from '../schema/topics.ts';
import { rowsOf, verifyReleaseFile } from './release-commands.ts';

test('goal: an export has every row of a topic, and only counts what somebody else wrote there', async () => {
  const engines = await openEmbeddedEngines();
  const { eventLog } = engines;
  const values = ['{"n":1}', 'not json', null, '{"n":"x"}', '{"n":2}'];
  await eventLog.append(values.map((value) => ({ topic: topics.privacyRoots.name, key: 'k', id: '', value })));
  const row = z.strictObject({ n: z.int() });
  expect(await rowsOf(eventLog, 'privacyRoots', row)).toEqual({ found: [{ n: 1 }, { n: 2 }], foreign: 3 });
  await engines.close();
});

const hex64 = 'a'.repeat(64);
const row = {
  seq: 0,
  prevHash: '0'.repeat(64),
  state: 'reserved',
  day: '2018-03-12',
  releaseId: 'active-creators-day|2018-03-12T00:00:00.000Z',
  schemaHash: hex64,
  commitment: hex64,
  rho: '1/0',
  delta: '0',
  releaseHash: null,
  cells: null,
  hash: hex64,
};

test.each([
  ['without rows', [], /holds no ledger row: there is nothing to verify/],
  ['with a charge that divides by 0', [row], /must be a whole number or a fraction like 1\/200/],
  ['with a charge of more digits than are read', [{ ...row, rho: `1/${'9'.repeat(300)}` }], /at most 99 digits/],
])('verify:releases refuses an export %s in words', async (_what, ledger, reason) => {
  const directory = mkdtempSync(join(tmpdir(), 'vcos-releases-'));
  const file = join(directory, 'export.json');
  try {
    writeFileSync(file, JSON.stringify({ ledger, releases: [], roots: [] }));
    await expect(verifyReleaseFile({ args: [file] })).rejects.toThrow(reason);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
