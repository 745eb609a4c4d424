import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openChdbWarehouse } from '../../engines/warehouse/chdb-warehouse.ts';
import type { LedgerRow } from '../../schema/metrics/ledger-row.ts';
import { readBudget } from './budget-reader.ts';

const hash = '0'.repeat(64);
const reserved = (seq: number, day: string, rho: string): LedgerRow => ({
  seq,
  prevHash: hash,
  state: 'reserved',
  day,
  releaseId: `ratings|${day}|${seq}`,
  schemaHash: hash,
  commitment: hash,
  rho,
  delta: '0',
  releaseHash: null,
  cells: null,
  hash,
});

// Goal: what is told of a day, of the days before it and of a lifetime are the sums of the ledger's charges, up to that day and no further.
test('a budget sums the charges of its day, of 30 and 365 days, and of the whole ledger until then', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vcos-test-budget-'));
  const warehouse = await openChdbWarehouse({ path: directory });
  try {
    await warehouse.migrate();
    const charges = [
      ['2018-03-12', '1/1000'],
      ['2020-01-01', '1/1000'],
      ['2024-01-02', '1/4000'],
      ['2024-12-02', '1/1000'],
      ['2024-12-31', '1/1000'],
      ['2024-12-31', '1/4000'],
      ['2024-12-31', '0'],
      ['2025-01-01', '1/1000'],
    ] as const;
    const rows = charges.map(([day, rho], seq) => reserved(seq, day, rho));
    await warehouse.insert('analytics.ledger', rows, 'charges');
    const budget = await readBudget(warehouse, '2024-12-31');
    expect(budget).toMatchObject({
      spent: { rho: '1/800' },
      left: { rho: '3/800' },
      last30Days: { rho: '9/4000' },
      last365Days: { rho: '1/400' },
      lifetime: { rho: '9/2000' },
    });
    expect((await readBudget(warehouse, null)).lifetime.rho).toBe('11/2000');
  } finally {
    await warehouse.close();
    await rm(directory, { recursive: true, force: true });
  }
});
