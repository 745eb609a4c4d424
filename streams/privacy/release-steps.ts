import type { LogRecord } from '../../engines/event-log/port.ts';
import { explainZodError } from '../../schema/events/catalogue.ts';
import { metrics } from '../../schema/metrics/catalogue.ts';
import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { parseJson } from '../shared/parse-json.ts';
import type { StateView } from '../shared/state.ts';
import { type Step, type StepContext, type StepResult, deadLetter, done, drop, ok } from '../shared/step.ts';
import { boundedSums } from './bound-window.ts';
import { dayUs, epochOf, floorTo, hourUs, padded, windowsClosed } from './clock.ts';
import { type ContributionMessage, type TickMessage, contributionSchema } from './contribution.ts';
import { gather } from './gather.ts';
import { closeDays } from './close-days.ts';
import { type Outputs, publishWindow } from './publish-window.ts';
import { isSealed, markSealed } from './sealed-ranges.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { cells, deeds, epochs, ledgerHead, marks, unpaidInvitations, used } from './stores.ts';
import { dropOldInvitations, waitingSums } from './wait-window.ts';
import { readWindow } from './window-cells.ts';

type Context = StepContext<Outputs>;

/** What one tick closes at most: its releases, with as many private keys as may show, fit into the emissions of one message. */
const closedAtOnceMaxUs = 2 * dayUs;
/** How far a clock may be ahead of the log's: what claims to come from later is dropped. */
const aheadMaxUs = hourUs;

/** Lengths of the declared windows, shortest first. */
export const lengthsUs: readonly number[] = [
  ...new Set(metrics.map((metric) => metric.windowSeconds * 1_000_000)),
].sort((a, b) => a - b);

export const decodeContribution: Step<LogRecord, ContributionMessage> = (record) => {
  const parsed = contributionSchema.safeParse(parseJson(record.value));
  return parsed.success ? ok(parsed.data) : deadLetter('UNDECODABLE', explainZodError(parsed.error));
};

/** Gathers contributions, and releases every window that the clock has closed. */
export function releaseOnTicks(secrets: ReleaseSecrets): Step<ContributionMessage, void, Outputs> {
  return (message, context) => {
    if (message.wallUs > context.record.appendedAtMs * 1_000 + aheadMaxUs) return drop('FUTURE');
    return message.kind === 'activity' ? gather(message, context) : advance(message, context, secrets);
  };
}

function advance(
  { domain, partition, wallUs }: TickMessage,
  context: Context,
  secrets: ReleaseSecrets,
): StepResult<void> {
  const { state } = context;
  const floor = secrets.ledgerAtStart();
  // Nothing is ever released beside a ledger that is broken, or that the state has lost: it would spend what is spent already.
  if (!floor || (state.get(ledgerHead, 'head')?.seq ?? -1) < floor.seq) return drop('LEDGER_BROKEN');
  const before = state.get(marks, domain);
  const partitions = Array.from({ length: secrets.eventPartitions }, (_, n) =>
    n === partition ? wallUs : (before?.partitions[n] ?? -1),
  );
  const watermarkUs = Math.min(...partitions);
  if (watermarkUs < 0) {
    state.put(marks, domain, { partitions, closedUs: null });
    return done;
  }
  // The schedule of a domain begins with its first tick, not with what somebody did. An import’s first tick is the hour in which its file begins, which is public.
  const fromUs = before?.closedUs ?? watermarkUs;
  // Ticks come day by day. One that passes over more leaves the rest to the next one, rather than fail with all its windows.
  const untilUs = Math.min(watermarkUs, fromUs + closedAtOnceMaxUs);
  for (const lengthUs of lengthsUs)
    for (const windowUs of windowsClosed(lengthUs, fromUs, untilUs))
      release({ domain, windowUs, lengthUs }, context, secrets);
  closeDays({ domain, fromUs, untilUs }, context, secrets);
  dropPassed(state, domain, { fromUs, untilUs });
  state.put(marks, domain, { partitions, closedUs: Math.max(fromUs, untilUs) });
  return done;
}

/** Bounds, adds noise, seals and emits one window of all metrics of its length. */
function release(
  window: { readonly domain: string; readonly windowUs: number; readonly lengthUs: number },
  context: Context,
  secrets: ReleaseSecrets,
): void {
  const { state } = context;
  const { windowUs, lengthUs } = window;
  // A release is write-once: a second clock that comes to the same window finds it sealed.
  if (isSealed(state, lengthUs, windowUs) || state.get(epochs, epochOf(windowUs)) !== undefined) return;
  markSealed(state, lengthUs, windowUs);
  const { cells: found, acted } = readWindow(state, window);
  const sumsOf = (
    metric: DeclaredMetric,
  ): { readonly sums: ReadonlyMap<string, number>; readonly keep?: () => void } =>
    metric.waitDaysMax === undefined
      ? { sums: boundedSums(metric, { windowUs, lengthUs, acted, cells: found.get(metric.id) ?? [] }, state, secrets) }
      : waitingSums(metric, { ...window, acted }, state, secrets);
  for (const metric of metrics) {
    if (metric.windowSeconds * 1_000_000 !== lengthUs) continue;
    const { sums, keep } = sumsOf(metric);
    const isPaid = publishWindow(metric, { ...window, sums }, context, secrets);
    if (isPaid) keep?.();
  }
}

/** Forgets, once a day has passed, the cells of its hours and its deeds, what was used of days that are over, and who was invited long ago. */
function dropPassed(state: StateView, domain: string, { fromUs, untilUs }: { fromUs: number; untilUs: number }): void {
  const todayUs = floorTo(untilUs, dayUs);
  if (todayUs === floorTo(fromUs, dayUs) && fromUs !== untilUs) return;
  for (const store of [cells, deeds])
    for (const [name] of state.entries<unknown>(store, `${domain}|`)) {
      if (name.slice(domain.length + 1, domain.length + 17) >= padded(todayUs)) break;
      state.remove<unknown>(store, name);
    }
  if (todayUs !== floorTo(fromUs, dayUs)) dropUsed(state);
  for (const { waitDaysMax } of metrics)
    if (waitDaysMax !== undefined) dropOldInvitations(state, domain, { todayUs, waitDaysMax });
  for (const [name] of state.entries(unpaidInvitations)) state.remove(unpaidInvitations, name);
}

/**
 * Forgets what accounts have used of days of which no window will be released any more. How old a day is does not matter: every clock has a day of its own, and an import that runs beside another clock is in
 * the middle of a day that is long past for that one.
 */
function dropUsed(state: StateView): void {
  const over = new Map<string, boolean>();
  for (const [name] of state.entries(used)) {
    const day = name.slice(0, 10);
    const isOver = over.get(day) ?? isDayOver(state, day);
    over.set(day, isOver);
    if (isOver) state.remove(used, name);
  }
}

function isDayOver(state: StateView, day: string): boolean {
  const startUs = Date.parse(day) * 1_000;
  if (state.get(epochs, epochOf(startUs)) !== undefined) return true;
  return lengthsUs.every((lengthUs) =>
    windowsClosed(lengthUs, startUs, startUs + dayUs).every((windowUs) => isSealed(state, lengthUs, windowUs)),
  );
}
