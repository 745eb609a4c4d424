import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LedgerRow, firstBroken, sealRelease } from './ledger.ts';

function ledgerOf(values: readonly number[]): LedgerRow[] {
  const rows: LedgerRow[] = [];
  for (const [n, value] of values.entries()) {
    const release = {
      releaseId: `m|${n}`,
      schemaHash: 's',
      commitment: 'c',
      rho: '1/400',
      sigma2: '200',
      value: String(value),
    };
    rows.push(sealRelease(rows.at(-1), release));
  }
  return rows;
}

describe('the ledger of releases', () => {
  test('an undisturbed ledger is whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 20 }), (values) =>
        expect(firstBroken(ledgerOf(values))).toBeNull(),
      ),
    );
  });

  test('any changed field, dropped, repeated or exchanged row is found', () => {
    const values = fc.array(fc.integer(), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(values, fc.nat(), fc.constantFrom('change', 'drop', 'repeat', 'swap'), (list, seed, damage) => {
        const rows = ledgerOf(list);
        const at = seed % (rows.length - 1);
        const row = rows[at] as LedgerRow;
        if (damage === 'change') rows[at] = { ...row, value: `${row.value}0` };
        if (damage === 'drop') rows.splice(at, 1);
        if (damage === 'repeat') rows.splice(at, 0, row);
        if (damage === 'swap') rows.splice(at, 2, rows[at + 1] as LedgerRow, row);
        expect(firstBroken(rows)).not.toBeNull();
      }),
    );
  });
});
