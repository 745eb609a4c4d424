/** Goal: a ledger that this version cannot read stops releases, and the log says what to do. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openSqliteEngines } from '../../engines/sqlite/open-engines.ts';
import { emptyLedgerHead } from '../../schema/metrics/ledger-row.ts';
import { topics } from '../../schema/topics.ts';
import { checkLedger } from './ledger-guard.ts';
import { act, ledgerOf, run, tick } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'vcos-test-guard-'));
const { store, eventLog } = openSqliteEngines({ directory });
afterAll(async () => {
  await eventLog.close();
  await store.close();
  rmSync(directory, { recursive: true });
});

const lines: string[] = [];
const logger = pino(
  new Writable({ write: (chunk: Buffer, _encoding, done) => (lines.push(chunk.toString()), done()) }),
);
const topic = topics.privacyLedger.name;
const append = (row: object, id: string): Promise<unknown> =>
  eventLog.append([{ topic, key: 'ledger', id, value: JSON.stringify(row) }]);

test('an empty and a whole ledger are taken up, one of version 0.1.0 and a broken one are refused by name', async () => {
  await eventLog.ensureTopics([{ ...topics.privacyLedger, partitions: 1 }]);
  expect(await checkLedger(eventLog, logger)).toEqual(emptyLedgerHead);
  const rows = ledgerOf(run([tick(0), act('ann', 0, 'POST'), tick(1)]));
  for (const row of rows) await append(row, `row ${row.seq}`);
  expect((await checkLedger(eventLog, logger))?.seq).toBe(rows.length - 1);
  expect(lines).toEqual([]);

  const { cells: _cells, ...old } = rows[0] ?? {};
  await append(old, 'a row of 0.1.0');
  expect(await checkLedger(eventLog, logger)).toBeNull();
  expect(lines.at(-1)).toMatch(/0\.1\.0.*new DATA_DIR/);
  expect(lines.at(-1)).toMatch(/nothing is released/);
});
