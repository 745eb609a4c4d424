import { errorBarHalfWidth } from '../../schema/metrics/error-bar.ts';
import { type DeclaredMetric, daySeconds } from '../../schema/metrics/metric.ts';
import { compare, divide, formatRational, multiply, parseRational, rational } from '../../schema/metrics/rational.ts';
import type { LedgerHead, LedgerRow } from '../../schema/metrics/ledger-row.ts';
import { hashRelease } from '../../schema/metrics/release.ts';
import type { SignedRoot } from '../../schema/metrics/signed-root.ts';
import { type RowOf, isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import { dayOf, isoOf } from './clock.ts';
import { isRootSigned } from './crypto/signed-root.ts';
import { releaseIdOf, windowIdOf } from './domain/draw-release.ts';
import { totalHalfWidth } from './domain/draw-total.ts';
import { verifyLedger } from './domain/ledger/verify.ts';
import { selectionThreshold } from './domain/selection/thresholds.ts';

type ReleaseRow = RowOf<'analytics.releases'>;

/** All that the platform says about its releases. */
export interface ReleaseExport {
  readonly ledger: readonly LedgerRow[];
  readonly releases: readonly ReleaseRow[];
  readonly roots: readonly SignedRoot[];
}

export interface ExportReport {
  /** Empty where everything holds. */
  readonly faults: readonly string[];
  readonly rows: number;
  readonly releases: number;
  readonly roots: number;
  /** Rows after the last one that a root covers: until the day ends, nobody has signed them. */
  readonly unsigned: number;
}

const hashOfRow = (row: ReleaseRow): string =>
  hashRelease({
    releaseId: row.release_id,
    metric: row.metric,
    schemaHash: row.schema_hash,
    window: { start: isoFromWarehouse(row.window_start), end: isoFromWarehouse(row.window_end) },
    key: row.key,
    value: row.value,
    interval: { level: row.level, low: row.low, high: row.high },
    sigma2: row.sigma2,
    rho: row.rho,
    sealedAt: isoFromWarehouse(row.sealed_at),
    ledgerSeq: row.ledger_seq,
    ledgerHash: row.ledger_hash,
  });

/**
 * Recomputes, from public fields alone: the chain, its charges against the declarations and the daily limit, that every row is of a window of its metric's schedule and charges that window's day (so that no
 * instant is released twice), that a seal names all public keys and no other, every release's hash and window against the seal that names it, sigma, rho and interval against the declaration, and every root's
 * signature (by `publicKey`, if one is given) and place. It cannot prove that inputs were bounded or that noise was honest.
 */
export function verifyReleases(
  { ledger, releases, roots }: ReleaseExport,
  {
    metrics,
    retired = [],
    publicKey,
  }: {
    readonly metrics: readonly DeclaredMetric[];
    /** Earlier declarations of some of them, which the ledger may name before the ones of today. */
    readonly retired?: readonly DeclaredMetric[];
    readonly publicKey: string | null;
  },
): ExportReport {
  const declared = new Map([...retired, ...metrics].map((metric) => [metric.schemaHash, metric]));
  const current = new Set(metrics.map((metric) => metric.schemaHash));
  const renewed = new Set<string>();
  const faults: string[] = [];
  const report = verifyLedger(ledger, { costOf: (schemaHash) => declared.get(schemaHash) });
  if (report.kind === 'broken') faults.push(`ledger row ${report.seq}: ${report.reason}`);
  const named = new Map<string, string>();
  const reservations = new Map<string, LedgerHead>();
  for (const row of ledger) {
    const metric = declared.get(row.schemaHash);
    const fault = metric ? faultOfWindow(row, metric) : null;
    if (fault !== null) faults.push(`ledger row ${row.seq}: ${fault}`);
    if (metric && current.has(row.schemaHash)) renewed.add(metric.id);
    else if (metric && renewed.has(metric.id))
      faults.push(`ledger row ${row.seq}: its declaration of ${metric.id} was replaced before`);
    if (row.state === 'reserved') reservations.set(row.releaseId, row);
    for (const [key, hash] of Object.entries(row.cells ?? {})) named.set(`${row.releaseId}|${key}`, hash);
  }
  const seen = new Set<string>();
  const halves = new Map<string, number>();
  for (const row of releases) {
    const fault = faultOfRelease(row, { declared, named, reservations, seen, halves });
    if (fault !== null) faults.push(`release ${row.release_id}: ${fault}`);
    seen.add(row.release_id);
  }
  faults.push(...totalFaults(releases, declared), ...selectionFaults(releases, declared));
  for (const id of named.keys()) if (!seen.has(id)) faults.push(`release ${id}: it is sealed, and missing here`);
  for (const root of roots) {
    const fault = faultOfRoot(root, ledger, publicKey);
    if (fault !== null) faults.push(`root of ${root.day}: ${fault}`);
  }
  const signed = roots.reduce((most, { seq }) => Math.max(most, seq), -1);
  faults.push(...rootFaults({ ledger, roots, signed, declared }));
  const unsigned = ledger.length - 1 - signed;
  return { faults, rows: ledger.length, releases: releases.length, roots: roots.length, unsigned };
}

/**
 * A metric is charged once a day for the windows of its schedule: one that begins elsewhere overlaps two of them, and one that charges another day is paid for by nobody.
 */
function faultOfWindow({ releaseId, day, state, cells }: LedgerRow, metric: DeclaredMetric): string | null {
  const startMs = Date.parse(releaseId.slice(metric.id.length + 1));
  const isOnSchedule = startMs % (metric.windowSeconds * 1_000) === 0;
  if (!isOnSchedule || releaseId !== windowIdOf(metric.id, isoOf(startMs * 1_000)))
    return `${releaseId} is no window of ${metric.id}`;
  if (day !== dayOf(startMs * 1_000)) return `${releaseId} charges ${day}, which is not its day`;
  if (state !== 'sealed' || metric.keyVisibility === 'PRIVATE') return null;
  const keys = new Set(Object.keys(cells ?? {}));
  return keys.size === metric.keys.length && metric.keys.every((key) => keys.has(key))
    ? null
    : `${releaseId} does not seal just the keys of ${metric.id}`;
}

interface Known {
  readonly declared: ReadonlyMap<string, DeclaredMetric>;
  readonly named: ReadonlyMap<string, string>;
  /** The rows that reserved windows, by the name of the window. */
  readonly reservations: ReadonlyMap<string, LedgerHead>;
  readonly seen: ReadonlySet<string>;
  /** Half-widths of intervals that were computed already, by declaration and level. */
  readonly halves: Map<string, number>;
}

function faultOfRelease(row: ReleaseRow, { declared, named, reservations, seen, halves }: Known): string | null {
  if (seen.has(row.release_id)) return 'it stands twice';
  const sealedHash = named.get(row.release_id);
  if (sealedHash === undefined) return 'no ledger row seals it';
  if (hashOfRow(row) !== sealedHash) return 'it is not what was sealed';
  const metric = declared.get(row.schema_hash);
  if (!metric) return 'its declaration is unknown';
  const [start, end] = [isoFromWarehouse(row.window_start), isoFromWarehouse(row.window_end)];
  if (row.metric !== metric.id || row.release_id !== releaseIdOf(metric.id, start, row.key))
    return 'it is of another metric, window or key than it is called';
  if (Date.parse(end) - Date.parse(start) !== metric.windowSeconds * 1_000)
    return `its window is not ${metric.windowSeconds} seconds long, as its declaration says`;
  const reservation = reservations.get(windowIdOf(metric.id, start));
  if (reservation?.seq !== row.ledger_seq || reservation.hash !== row.ledger_hash)
    return 'the ledger row that it names did not reserve its window';
  const sigma2 = divide(metric.sensitivity2, multiply(rational(2n), metric.rho));
  if (compare(sigma2, parseRational(row.sigma2)) !== 0)
    return `its sigma² is not ${formatRational(sigma2)}, which its declaration's rho asks for`;
  if (compare(metric.cellRho, parseRational(row.rho)) !== 0)
    return `its rho is not ${formatRational(metric.cellRho)}, which its declaration asks for`;
  if (!(row.level > 0 && row.level < 1)) return 'its level is no probability between 0 and 1';
  if (row.value - row.low !== row.high - row.value) return 'its interval does not lie around its value';
  // A running total's interval grows from window to window: it is looked at in the order of its series.
  if (metric.horizon !== undefined) return null;
  const name = `${row.schema_hash}|${row.level}`;
  const half = halves.get(name) ?? errorBarHalfWidth([metric.sigma2], row.level);
  halves.set(name, half);
  return row.high - row.value === half ? null : `its interval is not ${half} to both sides, as its noise asks for`;
}

/**
 * A private key shows in an epoch from the first noisy value on that reaches the threshold, which follows from the declaration: with one below it, somebody has chosen what to show by something else than noised values, and no
 * delta pays for that.
 */
function selectionFaults(
  releases: readonly ReleaseRow[],
  declared: ReadonlyMap<string, DeclaredMetric>,
): readonly string[] {
  const thresholds = new Map<string, number>();
  const shown = new Set<string>();
  const faults: string[] = [];
  for (const row of [...releases].sort((a, b) => a.ledger_seq - b.ledger_seq)) {
    const metric = declared.get(row.schema_hash);
    if (metric?.keyVisibility !== 'PRIVATE') continue;
    const name = `${metric.id}|${row.window_start.slice(0, 7)}|${row.key}`;
    if (shown.has(name)) continue;
    shown.add(name);
    const threshold = thresholds.get(metric.schemaHash) ?? selectionThreshold(metric);
    thresholds.set(metric.schemaHash, threshold);
    if (row.value < threshold)
      faults.push(`release ${row.release_id}: it shows a key first with less than ${threshold}, from which keys show`);
  }
  return faults;
}

interface Series {
  /** Windows so far. */
  windows: number;
  lastStart: string;
}

/**
 * The intervals of running totals. Each clock (the live one, and that of each import) has a series of its own, which a release does not name: so each release must be the next window of some series, or begin one, and have
 * the interval that so many windows give, together with those of the other series that it comes after.
 */
function totalFaults(
  releases: readonly ReleaseRow[],
  declared: ReadonlyMap<string, DeclaredMetric>,
): readonly string[] {
  const faults: string[] = [];
  const halves = new Map<string, number>();
  const all = new Map<string, Series[]>();
  for (const row of [...releases].sort((a, b) => a.ledger_seq - b.ledger_seq)) {
    const metric = declared.get(row.schema_hash);
    if (metric?.horizon === undefined) continue;
    const halfOf = (windows: readonly number[]): number => {
      const name = `${metric.id}|${row.level}|${windows.join()}`;
      const half = halves.get(name) ?? totalHalfWidth(metric, windows, row.level);
      halves.set(name, half);
      return half;
    };
    const name = `${metric.id}|${row.key}`;
    const known = all.get(name) ?? [];
    all.set(name, known);
    const half = row.high - row.value;
    const earlier = known.filter(({ lastStart }) => lastStart < row.window_start);
    const windowsBut = (own?: Series): readonly number[] =>
      earlier.flatMap((series) => (series === own ? [] : [series.windows]));
    const next = earlier.find((own) => halfOf([own.windows + 1, ...windowsBut(own)]) === half);
    if (next) Object.assign(next, { windows: next.windows + 1, lastStart: row.window_start });
    else if (halfOf([1, ...windowsBut()]) === half) known.push({ windows: 1, lastStart: row.window_start });
    else faults.push(`release ${row.release_id}: its interval is not that of a running total after so many windows`);
  }
  return faults;
}

/**
 * What the roots leave open. With the last window of a day its root is signed, in one transaction: a row of such a window without a root after it says that roots were taken away, and then anybody can have
 * rewritten the rows. A root that closes an epoch is the end of its key: nothing of it can be released after that.
 */
function rootFaults({
  ledger,
  roots,
  signed,
  declared,
}: Pick<ReleaseExport, 'ledger' | 'roots'> & {
  readonly signed: number;
  readonly declared: ReadonlyMap<string, DeclaredMetric>;
}): readonly string[] {
  const faults: string[] = [];
  const closed = new Map(roots.flatMap(({ closesEpoch, seq }) => (closesEpoch === null ? [] : [[closesEpoch, seq]])));
  const unsigned = ledger.slice(signed + 1).find((row) => endsDay(row, declared.get(row.schemaHash)));
  if (unsigned)
    faults.push(`ledger row ${unsigned.seq}: no signed root covers it, though its day ${unsigned.day} has ended`);
  for (const { seq, day } of ledger)
    if (seq > (closed.get(day.slice(0, 7)) ?? Infinity))
      faults.push(`ledger row ${seq}: its epoch ${day.slice(0, 7)} was closed before`);
  return faults;
}

const endsDay = ({ releaseId, day }: LedgerRow, metric: DeclaredMetric | undefined): boolean => {
  if (!metric) return false;
  const endMs = Date.parse(releaseId.slice(metric.id.length + 1)) + metric.windowSeconds * 1_000;
  return endMs - Date.parse(day) >= daySeconds * 1_000;
};

function faultOfRoot(root: SignedRoot, ledger: readonly LedgerRow[], publicKey: string | null): string | null {
  if (!isRootSigned(root, publicKey ?? root.publicKey)) return 'its signature is not that of the platform';
  if (root.seq < 0) return null;
  const row = ledger[root.seq];
  if (!row) return 'the ledger is shorter than when it was signed';
  return row.hash === root.hash ? null : 'the ledger is another than what was signed';
}
