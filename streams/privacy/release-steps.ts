import type { KeyObject } from 'node:crypto';
import type { LogRecord } from '../../engines/event-log/port.ts';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { metrics } from '../../schema/metrics/catalogue.ts';
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { zero } from '../../schema/metrics/rational.ts';
import { Raw, type Release, type Released } from '../../schema/metrics/release.ts';
import { type RowOf, warehouseInstant } from '../../schema/warehouse/tables.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { StateView } from '../shared/state.ts';
import { type Step, type StepContext, type StepResult, deadLetter, done, drop, ok } from '../shared/step.ts';
import { type Contribution, type ContributionMessage, type TickMessage, contributionSchema } from './contribution.ts';
import { keyedBits } from './crypto/bit-sources.ts';
import { cellPriority, commitToInput } from './crypto/keyed-hash.ts';
import { boundWindow } from './domain/bounding.ts';
import { createDrawer, releaseIdOf } from './domain/draw-release.ts';
import { type Decision, decideEmit, decideReserve, decideSeal } from './domain/ledger/decide.ts';
import { type ReleaseRecord, dayAfter, headAfter, releaseAfter } from './domain/ledger/state.ts';
import { cells, days, ledgerHead, marks, sealed, used } from './stores.ts';

export type Outputs = 'privacyLedger' | 'privacyReleases';
type Context = StepContext<Outputs>;

export interface ReleaseSecrets {
  /** 32 bytes; with it and the log every draw can be repeated. */
  readonly epochKey: KeyObject;
  /** How many partitions must have ticked before a window closes. */
  readonly eventPartitions: number;
}

/** Probability with which the interval of a release holds the bounded count. */
const level = 0.95;
const dayUs = 86_400_000_000;
/** How long after its day what an account has used is kept: an import of that day may follow the live windows. */
const usedKeptDays = 31;

const metricById = new Map(metrics.map((metric) => [metric.id, metric]));
/** Noise and error bar of a metric depend on its declaration alone. */
const drawers = new Map(metrics.map((metric) => [metric.id, createDrawer(metric, level)]));

const padded = (windowUs: number): string => String(windowUs).padStart(16, '0');

export const decodeContribution: Step<LogRecord, ContributionMessage> = (record) => {
  const parsed = contributionSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** Gathers contributions, and releases every window that the clock has closed. */
export function releaseOnTicks(secrets: ReleaseSecrets): Step<ContributionMessage, void, Outputs> {
  return (message, context) =>
    message.kind === 'contribution' ? gather(message, context) : advance(message, context, secrets);
}

function gather({ metric, domain, windowUs, account, key, value }: Contribution, { state }: Context): StepResult<void> {
  const declared = metricById.get(metric);
  if (!declared) return drop('UNKNOWN_METRIC');
  if (!declared.keys.includes(key)) return drop('UNKNOWN_KEY');
  if (windowUs < (state.get(marks, domain)?.closedUs ?? -1)) return drop('LATE');
  if (state.get(sealed, `${metric}|${padded(windowUs)}`)) return drop('WINDOW_SEALED');
  const cell = `${domain}|${padded(windowUs)}|${metric}|${account}|${key}`;
  state.put(cells, cell, Math.min(declared.linf, (state.get(cells, cell) ?? 0) + value));
  return done;
}

function advance(
  { domain, partition, wallUs }: TickMessage,
  context: Context,
  secrets: ReleaseSecrets,
): StepResult<void> {
  const { state } = context;
  const before = state.get(marks, domain);
  const partitions = Array.from({ length: secrets.eventPartitions }, (_, n) =>
    n === partition ? wallUs : (before?.partitions[n] ?? -1),
  );
  const watermarkUs = Math.min(...partitions);
  if (watermarkUs < 0) {
    state.put(marks, domain, { partitions, closedUs: null });
    return done;
  }
  // The schedule of a domain begins with its first tick; it never depends on what anybody did.
  let closedUs = before?.closedUs ?? watermarkUs;
  for (const metric of metrics) {
    const lengthUs = metric.windowSeconds * 1_000_000;
    const first = Math.ceil(closedUs / lengthUs) * lengthUs;
    for (let windowUs = first; windowUs + lengthUs <= watermarkUs; windowUs += lengthUs)
      release(metric, { domain, windowUs, lengthUs }, context, secrets);
  }
  closedUs = Math.max(closedUs, watermarkUs);
  dropPassed(state, domain, { closedUs, beforeUs: before?.closedUs ?? 0 });
  state.put(marks, domain, { partitions, closedUs });
  return done;
}

interface Window {
  readonly domain: string;
  readonly windowUs: number;
  readonly lengthUs: number;
}

/** Bounds, adds noise, seals and emits one window of a metric: every public key, zero included. */
function release(
  metric: DeclaredMetric,
  { domain, windowUs, lengthUs }: Window,
  context: Context,
  { epochKey }: ReleaseSecrets,
): void {
  const { state, record } = context;
  const windowId = `${metric.id}|${padded(windowUs)}`;
  // A release is write-once: a second clock that comes to the same window finds it sealed.
  if (state.get(sealed, windowId)) return;
  state.put(sealed, windowId, 1);
  const sums = boundedSums(metric, { domain, windowUs }, state, epochKey);
  const window = { start: isoOf(windowUs), end: isoOf(windowUs + lengthUs) };
  // The time of the log's own record: it says when, and depends on nobody's activity.
  const sealedAt = isoOf(record.appendedAtMs * 1_000);
  for (const key of metric.keys) publish(metric, { window, key, sum: sums.get(key) ?? 0, sealedAt }, context, epochKey);
}

interface Wanted {
  readonly window: Release['window'];
  readonly key: string;
  readonly sum: number;
  readonly sealedAt: string;
}

/**
 * Reserve, draw, seal, emit: one ledger row each but for the draw. All of it commits in one transaction of the log, so that no crash shows a
 * state in between. What the ledger refuses (a day that is overspent) is not released.
 */
function publish(
  metric: DeclaredMetric,
  { window, key, sum, sealedAt }: Wanted,
  { state, emit }: Context,
  epochKey: KeyObject,
): void {
  const releaseId = releaseIdOf(metric.id, window.start, key);
  const day = window.start.slice(0, 10);
  const commitment = commitToInput(epochKey, { releaseId, input: String(sum) });
  let head = state.get(ledgerHead, 'head');
  let entry: ReleaseRecord | undefined;
  const append = (decision: Decision): boolean => {
    if (decision.kind !== 'append') return false;
    const { row } = decision;
    head = headAfter(row);
    entry = releaseAfter(entry, row);
    emit('privacyLedger', { key: metric.id, id: `${releaseId}|${row.state}`, value: row });
    return true;
  };
  const account = state.get(days, day);
  const reserved = decideReserve(
    { head, release: undefined, day: account },
    { releaseId, day, schemaHash: metric.schemaHash, commitment, cost: { rho: metric.rho, delta: zero } },
  );
  if (reserved.kind !== 'append' || !append(reserved)) return;
  state.put(days, day, dayAfter(account, reserved.row));
  const draw = drawers.get(metric.id);
  if (!draw) throw new Error(`metric ${metric.id} is not declared`);
  const source = keyedBits(epochKey, { releaseId, commitment });
  const drawn = draw({ window, key, raw: new Raw(sum), source, sealedAt, reservation: headAfter(reserved.row) });
  const sealing = decideSeal({ head, release: entry }, drawn);
  if (sealing.kind === 'append' && append(sealing) && append(decideEmit({ head, release: entry }, sealing.released))) {
    emit('privacyReleases', { key: metric.id, id: releaseId, value: rowOf(sealing.released) });
  }
  if (head) state.put(ledgerHead, 'head', head);
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

const isoOf = (wallUs: number): string => new Date(Math.floor(wallUs / 1_000)).toISOString();
const warehouseInstantOf = (iso: string): string => warehouseInstant(Date.parse(iso) * 1_000);

function boundedSums(
  metric: DeclaredMetric,
  { domain, windowUs }: { domain: string; windowUs: number },
  state: StateView,
  epochKey: KeyObject,
): ReadonlyMap<string, number> {
  const day = String(Math.floor(windowUs / dayUs)).padStart(8, '0');
  const prefix = `${domain}|${padded(windowUs)}|${metric.id}|`;
  const open = state.entries(cells, prefix).map(([name, value]) => {
    const [account = '', key = ''] = name.slice(prefix.length).split('|');
    return { account, key, value };
  });
  const bounded = boundWindow(open, {
    bounds: metric,
    usedBefore: (account) => state.get(used, `${day}|${metric.id}|${account}`) ?? 0,
    rank: (account, key) => cellPriority(epochKey, { account, day, cell: `${windowUs}|${key}` }),
  });
  for (const [account, count] of bounded.used) state.put(used, `${day}|${metric.id}|${account}`, count);
  return bounded.sums;
}

/** Forgets the cells of windows that have passed (released, or before the schedule began), and what was used long ago. */
function dropPassed(
  state: StateView,
  domain: string,
  { closedUs, beforeUs }: { closedUs: number; beforeUs: number },
): void {
  for (const [name] of state.entries(cells, `${domain}|`)) {
    if (name.slice(domain.length + 1, domain.length + 17) >= padded(closedUs)) break;
    state.remove(cells, name);
  }
  // What was used is counted by day: once a day is often enough.
  if (Math.floor(closedUs / dayUs) === Math.floor(beforeUs / dayUs)) return;
  const oldestDay = String(Math.max(0, Math.floor(closedUs / dayUs) - usedKeptDays)).padStart(8, '0');
  for (const [name] of state.entries(used)) {
    if (name.slice(0, 8) >= oldestDay) break;
    state.remove(used, name);
  }
}
