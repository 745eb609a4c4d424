import { metrics } from '../../schema/metrics/catalogue.ts';
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { Raw, type Release, type Released } from '../../schema/metrics/release.ts';
import { type RowOf, warehouseInstant } from '../../schema/warehouse/tables.ts';
import type { StateView } from '../shared/state.ts';
import type { StepContext } from '../shared/step.ts';
import { dayOf, epochOf, isoOf } from './clock.ts';
import { keyedBits } from './crypto/bit-sources.ts';
import { commitToInput } from './crypto/keyed-hash.ts';
import { type Draw, createDrawer, windowIdOf } from './domain/draw-release.ts';
import { createTotalDrawer } from './domain/draw-total.ts';
import { decideBurn, decideReserve, decideSeal } from './domain/ledger/decide.ts';
import { dayAfter, headAfter, releaseAfter } from './domain/ledger/state.ts';
import { selectionThreshold } from './domain/selection/thresholds.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { days, ledgerHead, marks, privateKeys, totals, touchedKeys } from './stores.ts';

export type Outputs = 'privacyLedger' | 'privacyReleases' | 'privacyRoots';

/** Probability with which the interval of a release holds the bounded count. */
const level = 0.95;

/** Private keys of a metric that show on one day at most: the row that seals them stays below a million characters. */
const shownMax = 4_000;

/** Private keys of one entry of the state: of the longest, each character escaped, so many fit. */
const keysOfEntryMax = 250;

/** Noise and error bar of a metric depend on its declaration alone. */
const counters = new Map(
  metrics.filter((metric) => metric.horizon === undefined).map((metric) => [metric.id, createDrawer(metric, level)]),
);
const totallers = new Map(
  metrics
    .filter((metric) => metric.horizon !== undefined)
    .map((metric) => [metric.id, createTotalDrawer(metric, level)]),
);
const thresholds = new Map(
  metrics
    .filter((metric) => metric.keyVisibility === 'PRIVATE')
    .map((metric) => [metric.id, selectionThreshold(metric)]),
);

export interface ClosedWindow {
  readonly domain: string;
  readonly windowUs: number;
  readonly lengthUs: number;
  readonly sums: ReadonlyMap<string, number>;
}

/**
 * Reserve, draw, seal, emit: one ledger row reserves all cells of the window, one seals them. Both and the releases commit in one transaction of the log, so that no crash
 * shows a state in between. What the ledger refuses (a day that is overspent) is not released; what cannot be drawn is burned, and stays paid. True where the day was charged.
 */
export function publishWindow(
  metric: DeclaredMetric,
  { domain, windowUs, lengthUs, sums }: ClosedWindow,
  { state, emit, record }: StepContext<Outputs>,
  secrets: Pick<ReleaseSecrets, 'epochKey'>,
): boolean {
  const window = { start: isoOf(windowUs), end: isoOf(windowUs + lengthUs) };
  const releaseId = windowIdOf(metric.id, window.start);
  const day = dayOf(windowUs);
  const epochKey = secrets.epochKey(epochOf(windowUs));
  const keys = keysOf(metric, { windowUs, sums, state });
  const input = JSON.stringify(keys.map((key) => [key, sums.get(key) ?? 0]));
  const commitment = commitToInput(epochKey, { releaseId, input });
  const account = state.get(days, day);
  const head = state.get(ledgerHead, 'head');
  const cost = { rho: metric.rho, delta: metric.delta };
  const reserved = decideReserve(
    { head, release: undefined, day: account },
    { releaseId, day, schemaHash: metric.schemaHash, commitment, cost },
  );
  if (reserved.kind !== 'append') return false;
  emit('privacyLedger', { key: metric.id, id: `${releaseId}|reserved`, value: reserved.row });
  state.put(days, day, dayAfter(account, reserved.row));
  const reservation = headAfter(reserved.row);
  const view = { head: reservation, release: releaseAfter(undefined, reserved.row) };
  const source = keyedBits(epochKey, { releaseId, commitment });
  // The time of the log's own record: it says when, and depends on nobody's activity.
  const cell = { window, source, sealedAt: isoOf(record.appendedAtMs * 1_000), reservation };
  const drawn = attempt(() =>
    drawCells(metric, keys, { domain, windowUs, epoch: epochOf(windowUs), sums, cell, state }),
  );
  const sealing = drawn ? decideSeal(view, drawn) : null;
  const ending = sealing ?? decideBurn(view);
  if (ending.kind !== 'append') throw new Error(`${metric.id}: a window that was just reserved cannot be sealed`);
  emit('privacyLedger', { key: metric.id, id: `${releaseId}|${ending.row.state}`, value: ending.row });
  state.put(ledgerHead, 'head', headAfter(ending.row));
  for (const released of sealing?.kind === 'append' ? sealing.released : [])
    emit('privacyReleases', { key: metric.id, id: released.releaseId, value: rowOf(released) });
  return true;
}

/** Every key that is looked at, touched or not, sorted: public ones, or the private ones that somebody has touched in this epoch. */
function keysOf(
  metric: DeclaredMetric,
  { windowUs, sums, state }: { windowUs: number; sums: ReadonlyMap<string, number>; state: StateView },
): readonly string[] {
  if (metric.keyVisibility === 'PUBLIC') return metric.keys;
  const prefix = `${metric.id}|${epochOf(windowUs)}|`;
  const touched = new Set(state.entries(touchedKeys, prefix).flatMap(([, keys]) => keys));
  for (const [name] of state.entries(privateKeys, prefix)) touched.add(name.slice(prefix.length));
  const added = [...sums.keys()].filter((key) => !touched.has(key));
  for (let at = 0; at < added.length; at += keysOfEntryMax)
    state.put(touchedKeys, `${prefix}${windowUs}|${at}`, added.slice(at, at + keysOfEntryMax));
  return [...touched, ...added].sort();
}

interface Cells {
  readonly domain: string;
  readonly windowUs: number;
  readonly epoch: string;
  readonly sums: ReadonlyMap<string, number>;
  readonly cell: Omit<Draw, 'key' | 'raw'>;
  readonly state: StateView;
}

function drawCells(metric: DeclaredMetric, keys: readonly string[], cells: Cells): readonly Release[] {
  const { sums, cell } = cells;
  if (totallers.has(metric.id)) return keys.map((key) => drawTotal(metric, key, cells));
  const draw = counters.get(metric.id);
  if (!draw) throw new Error(`metric ${metric.id} is not declared`);
  const drawn = keys.map((key) => draw({ ...cell, key, raw: new Raw(sums.get(key) ?? 0) }));
  return metric.keyVisibility === 'PUBLIC' ? drawn : mostOf(drawn.filter((release) => isShown(metric, release, cells)));
}

/** The keys with the largest noisy values, in their order, where more would show than a seal can name. Choosing by what is noised already costs nothing. */
function mostOf(shown: readonly Release[]): readonly Release[] {
  if (shown.length <= shownMax) return shown;
  const most = new Set([...shown].sort((a, b) => b.value - a.value).slice(0, shownMax));
  return shown.filter((release) => most.has(release));
}

/** A private key shows from the first day on which its noisy value passes the threshold, until its epoch ends: also when nobody touches it. */
function isShown(metric: DeclaredMetric, release: Release, { epoch, state }: Cells): boolean {
  const name = `${metric.id}|${epoch}|${release.key}`;
  if (state.get(privateKeys, name) === 'shown') return true;
  if (release.value < (thresholds.get(metric.id) ?? Infinity)) return false;
  state.put(privateKeys, name, 'shown');
  return true;
}

function drawTotal(metric: DeclaredMetric, key: string, { domain, windowUs, sums, cell, state }: Cells): Release {
  const draw = totallers.get(metric.id);
  if (!draw) throw new Error(`metric ${metric.id} is not declared`);
  const seriesOf = (clock: string) => state.get(totals, `${metric.id}|${clock}|${key}`);
  const series = seriesOf(domain);
  const isFull = series !== undefined && series.counts.length >= (metric.horizon ?? 1);
  const { counts, values } = series && !isFull ? series : { counts: [], values: [] };
  const before = (isFull ? series.newest : series?.before) ?? { total: 0, windows: 0 };
  // What was released already may go into any release: a total tells of every window before it, whichever clock closed that.
  const others = state.entries(marks).flatMap(([clock]) => {
    const newest = clock === domain ? undefined : seriesOf(clock)?.newest;
    return newest && newest.startUs < windowUs ? [newest] : [];
  });
  const earlier = {
    total: others.reduce((sum, { total }) => sum + total, before.total),
    ownWindows: before.windows,
    otherWindows: others.map(({ windows }) => windows),
  };
  const history = { counts: [...counts, sums.get(key) ?? 0], values };
  const { release, value, total } = draw({ ...cell, key, raw: new Raw(history), earlier });
  state.put(totals, `${metric.id}|${domain}|${key}`, {
    counts: history.counts,
    values: [...values, value],
    before: { total: before.total, windows: before.windows },
    newest: { total: before.total + total, windows: before.windows + history.counts.length, startUs: windowUs },
  });
  return release;
}

/** Null where a value does not fit into what a release can hold. */
function attempt<T>(draw: () => T): T | null {
  try {
    return draw();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Only what the ledger has sealed fits this parameter: nothing else can reach the warehouse. */
function rowOf(released: Released<Release>): RowOf<'analytics.releases'> {
  return {
    release_id: released.releaseId,
    metric: released.metric,
    schema_hash: released.schemaHash,
    window_start: warehouseInstantOf(released.window.start),
    window_end: warehouseInstantOf(released.window.end),
    key: released.key,
    value: released.value,
    level: released.interval.level,
    low: released.interval.low,
    high: released.interval.high,
    sigma2: released.sigma2,
    rho: released.rho,
    sealed_at: warehouseInstantOf(released.sealedAt),
    ledger_seq: released.ledgerSeq,
    ledger_hash: released.ledgerHash,
  };
}

const warehouseInstantOf = (iso: string): string => warehouseInstant(Date.parse(iso) * 1_000);
