/** Goal: an export of releases verifies, and each way of tampering with it is refused and named. */
import { describe, expect, test } from '@jest/globals';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { act, ledgerOf, run, tick } from './testing.ts';
import { type ReleaseExport, verifyReleases } from './verify-export.ts';

const dry = run([tick(0), act('ann', 0, 'POST'), tick(25)]);
const whole: ReleaseExport = {
  ledger: ledgerOf(dry),
  releases: dry.emitted('privacyReleases').map((row) => tables['analytics.releases'].parse(row)),
  roots: dry.emitted('privacyRoots').map((root) => signedRootSchema.parse(root)),
};
const faultsOf = (change: Partial<ReleaseExport>, publicKey: string | null = null): string =>
  verifyReleases({ ...whole, ...change }, { metrics, publicKey }).faults.join('\n');
const [first] = whole.releases;

describe('an export of releases', () => {
  test('verifies as it is', () => {
    expect(faultsOf({})).toBe('');
    expect(whole.releases.length).toBeGreaterThan(200);
  });

  const changed = (fields: object) => whole.releases.map((row) => (row === first ? { ...row, ...fields } : row));
  test.each([
    ['a value', { releases: changed({ value: 1_000_000 }) }, /not what was sealed/],
    ['a sigma', { releases: changed({ sigma2: '1' }) }, /not what was sealed/],
    ['a row without a ledger row', { releases: changed({ release_id: 'other|x|y' }) }, /no ledger row seals it/],
    ['a row left out', { releases: whole.releases.slice(1) }, /missing here/],
    ['a row twice', { releases: [...whole.releases, ...whole.releases.slice(0, 1)] }, /stands twice/],
    ['a ledger row left out', { ledger: whole.ledger.toSpliced(3, 1) }, /ledger row 3: it does not follow/],
    ['a charge', { ledger: whole.ledger.map((row, n) => (n === 0 ? { ...row, rho: '0' } : row)) }, /ledger row 0/],
    ['a ledger cut off', { ledger: whole.ledger.slice(0, 4) }, /shorter than when it was signed/],
    ['a root', { roots: whole.roots.map((root) => ({ ...root, seq: 1 })) }, /signature/],
  ] as const)('%s that is changed is named', (_what, change, reason) => {
    expect(faultsOf(change)).toMatch(reason);
  });

  test('recomputes the interval of each running total from how many windows came before', () => {
    const days = Array.from({ length: 20 }, (_, day) => tick(24 * (day + 1)));
    const many = run([tick(0), ...days]);
    const rows = many.emitted('privacyReleases').map((row) => tables['analytics.releases'].parse(row));
    const roots = many.emitted('privacyRoots').map((root) => signedRootSchema.parse(root));
    const faultsWith = (releases: typeof rows): string =>
      verifyReleases({ ledger: ledgerOf(many), releases, roots }, { metrics, publicKey: null }).faults.join('\n');
    expect(faultsWith(rows)).toBe('');
    const totals = rows.filter(({ metric }) => metric === 'members-total');
    expect(new Set(totals.map(({ high, value }) => high - value)).size).toBeGreaterThan(15);
    const narrow = rows.map((row) => (row === totals[9] ? { ...row, low: row.low + 1, high: row.high - 1 } : row));
    expect(faultsWith(narrow)).toMatch(/its interval is not that of a running total/);
  });

  test('of another signer is refused where the platform’s key is known', () => {
    expect(faultsOf({}, 'AAAA')).toMatch(/signature is not that of the platform/);
    expect(faultsOf({}, whole.roots[0]?.publicKey ?? '')).toBe('');
  });
});
