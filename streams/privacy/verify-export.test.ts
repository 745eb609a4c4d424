/** Goal: an export of releases verifies, and each way of tampering with it is refused and named. */
import { describe, expect, test } from '@jest/globals';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { retiredMetrics } from '../../schema/metrics/declared/retired.ts';
import { activeCreatorsDay, activityByKindHour } from '../../schema/metrics/declared/activity.ts';
import { trendingTags } from '../../schema/metrics/declared/works.ts';
import { errorBarHalfWidth } from '../../schema/metrics/error-bar.ts';
import { type LedgerRow, hashCells } from '../../schema/metrics/ledger-row.ts';
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { formatRational } from '../../schema/metrics/rational.ts';
import { hashRelease } from '../../schema/metrics/release.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import { tables, warehouseInstant } from '../../schema/warehouse/tables.ts';
import { signRoot, signingKey } from './crypto/signed-root.ts';
import { chain, headAfter } from './domain/ledger/state.ts';
import { selectionThreshold } from './domain/selection/thresholds.ts';
import { act, ledgerOf, run, testDay, tick } from './testing.ts';
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
const rootKey = signingKey(Buffer.alloc(32, 5));

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

  /** A release of a metric of which the export holds none: its values are what it was not shown for. */
  function unshown(metric: DeclaredMetric): ReleaseExport['releases'][number] {
    if (!first) throw new Error('something is released');
    const [value, half] = [selectionThreshold(metric) - 1, errorBarHalfWidth([metric.sigma2], first.level)];
    const [sigma2, rho] = [formatRational(metric.sigma2), formatRational(metric.cellRho)];
    return { ...first, value, low: value - half, high: value + half, sigma2, rho };
  }

  /** The export with one more window, in a chain that is whole: what a platform could seal that keeps the form and not the schedule. */
  function withWindow(
    metric: DeclaredMetric,
    window: {
      readonly startMs: number;
      readonly seconds?: number;
      readonly day?: string;
      readonly keys?: readonly string[];
      readonly isSigned?: boolean;
      readonly level?: number;
    },
  ): ReleaseExport {
    const { startMs, seconds = metric.windowSeconds, day = testDay, keys = metric.keys, isSigned = true } = window;
    const [start, end] = [new Date(startMs).toISOString(), new Date(startMs + seconds * 1_000).toISOString()];
    const isCharged = whole.ledger.some((row) => row.day === day && row.schemaHash === metric.schemaHash);
    const entry = {
      day,
      releaseId: `${metric.id}|${start}`,
      schemaHash: metric.schemaHash,
      commitment: 'a'.repeat(64),
    };
    const reserved = chain(whole.ledger.at(-1), {
      ...entry,
      state: 'reserved',
      rho: isCharged ? '0' : formatRational(metric.rho),
      delta: isCharged ? '0' : formatRational(metric.delta),
      releaseHash: null,
      cells: null,
    });
    const known = whole.releases.find((row) => row.metric === metric.id) ?? unshown(metric);
    const like = { ...known, level: window.level ?? known.level };
    const { seq: ledgerSeq, hash: ledgerHash } = headAfter(reserved);
    const hashes: Record<string, string> = {};
    const rows = keys.map((key) => {
      const { level, low, high, value, sigma2, rho } = like;
      const releaseId = `${entry.releaseId}|${key}`;
      const said = { value, sigma2, rho, key, metric: metric.id };
      hashes[key] = hashRelease({
        ...said,
        releaseId,
        schemaHash: metric.schemaHash,
        window: { start, end },
        interval: { level, low, high },
        sealedAt: end,
        ledgerSeq,
        ledgerHash,
      });
      return {
        ...like,
        ...said,
        release_id: releaseId,
        schema_hash: metric.schemaHash,
        window_start: warehouseInstant(startMs * 1_000),
        window_end: warehouseInstant((startMs + seconds * 1_000) * 1_000),
        sealed_at: warehouseInstant((startMs + seconds * 1_000) * 1_000),
        ledger_seq: ledgerSeq,
        ledger_hash: ledgerHash,
      };
    });
    const seal = {
      ...entry,
      state: 'sealed',
      rho: '0',
      delta: '0',
      releaseHash: hashCells(hashes),
      cells: hashes,
    } as const;
    const sealed: LedgerRow = chain(reserved, seal);
    const root = signRoot({ day, seq: sealed.seq, hash: sealed.hash, closesEpoch: null }, rootKey);
    return {
      ledger: [...whole.ledger, reserved, sealed],
      releases: [...whole.releases, ...rows],
      roots: isSigned ? [...whole.roots, root] : whole.roots,
    };
  }
  const midnightMs = Date.parse(`${testDay}T00:00:00.000Z`);
  const dayMs = 86_400_000;

  test('holds with one more window of the schedule', () => {
    const next = { startMs: midnightMs + dayMs, day: '2017-12-01' };
    expect(faultsOf(withWindow(activeCreatorsDay, next))).toBe('');
  });

  test('whose roots were taken away is refused, though the chain is whole: anybody can have written it anew', () => {
    const next = { startMs: midnightMs + dayMs, day: '2017-12-01' };
    expect(faultsOf({ roots: [] })).toMatch(/no signed root covers it, though its day 2017-11-30 has ended/);
    expect(faultsOf(withWindow(activeCreatorsDay, { ...next, isSigned: false }))).toMatch(
      /its day 2017-12-01 has ended/,
    );
    // Of a day that goes on nobody has signed anything yet.
    const hour = withWindow(activityByKindHour, { ...next, startMs: next.startMs + 3_600_000, isSigned: false });
    expect(verifyReleases(hour, { metrics, publicKey: null })).toMatchObject({ unsigned: 2 });
    expect(faultsOf(hour)).toBe('');
  });

  test('that shows a private key below its threshold is refused', () => {
    const next = { startMs: midnightMs + dayMs, day: '2017-12-01', keys: ['ann'] };
    expect(faultsOf(withWindow(trendingTags, next))).toMatch(/shows a key first with less than/);
  });

  test('with a window of an epoch whose key was destroyed before is refused', () => {
    const late = withWindow(activeCreatorsDay, { startMs: midnightMs - dayMs, day: '2017-11-29' });
    expect(faultsOf(late)).toMatch(/its epoch 2017-11 was closed before/);
  });

  test.each([
    ['begins between two', activityByKindHour, { startMs: midnightMs + 1_800_000 }, /is no window of/],
    ['tells a day again', activeCreatorsDay, { startMs: midnightMs + 1 }, /is no window of/],
    ['charges another day', activeCreatorsDay, { startMs: midnightMs - dayMs, day: '1999-01-01' }, /is not its day/],
    ['is shorter', activeCreatorsDay, { startMs: midnightMs - dayMs, day: '2017-11-29', seconds: 60 }, /is not 86400/],
    [
      'has a level of 1',
      activeCreatorsDay,
      { startMs: midnightMs + dayMs, day: '2017-12-01', level: 1 },
      /level is no/,
    ],
    [
      'has a level of 0',
      activeCreatorsDay,
      { startMs: midnightMs + dayMs, day: '2017-12-01', level: 0 },
      /level is no/,
    ],
    [
      'names a key that is not declared',
      activeCreatorsDay,
      { startMs: midnightMs - dayMs, day: '2017-11-29', keys: ['ALL', 'ann'] },
      /does not seal just the keys/,
    ],
    [
      'leaves a key out',
      activityByKindHour,
      { startMs: midnightMs - dayMs, day: '2017-11-29', keys: ['POST'] },
      /does not seal just the keys/,
    ],
  ] as const)('a sealed window that %s is named', (_what, metric, window, reason) => {
    expect(faultsOf(withWindow(metric, window))).toMatch(reason);
  });

  test('recomputes the interval of each running total from how many windows came before', () => {
    const days = Array.from({ length: 20 }, (_, day) => tick(24 * (day + 1)));
    // An import of earlier days, whose totals those of the live clock go on from.
    const imported = [-10, -9, -8].map((day) => tick(24 * day, { domain: 'replay:x' }));
    const many = run([...imported, tick(0), ...days]);
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

  test('verifies what was released under a declaration that was replaced since, until it was', () => {
    const [old] = retiredMetrics;
    if (!old) throw new Error('nothing is retired');
    const metric = metrics.find(({ id }) => id === old.id);
    if (!metric) throw new Error(`${old.id} is not declared`);
    const late = withWindow(old, { startMs: midnightMs + dayMs, day: '2017-12-01' });
    const verified = (changed: ReleaseExport, retired = retiredMetrics): string =>
      verifyReleases(changed, { metrics, retired, publicKey: null }).faults.join('\n');
    expect(verified(late)).toMatch(/its declaration of invitation-to-joint-work was replaced before/);
    expect(verified(late, [])).toMatch(/its declaration is unknown/);
    // The other way round: what the ledger began with is the declaration that was replaced.
    const renewed = [...metrics.filter((each) => each !== metric), old];
    const { faults } = verifyReleases(late, { metrics: renewed, retired: [metric], publicKey: null });
    expect(faults.filter((fault) => fault.startsWith('ledger'))).toEqual([]);
  });
});
