/** Private analytics on one core: `npm run bench -- privacy [samplers|events|totals|stream [TICKS…]]`. Seconds are of processor time, so that other load on the machine takes nothing from the figures. */
import { activityKinds } from '../schema/metrics/declared/activity.ts';
import { factorFor, meanError } from '../schema/metrics/running-total.ts';
import { topics } from '../schema/topics.ts';
import type { ContributionMessage } from '../streams/privacy/contribution.ts';
import { act, releaseConfig, tick } from '../streams/privacy/testing.ts';
import { PartitionRunner } from '../streams/shared/partition-runner.ts';
import { recordOf } from '../streams/shared/testing.ts';
import { run as samplers } from './samplers.ts';
import { type Workload, contributionsMax, privateStream } from './shared/private-stream.ts';

const print = (what: string, figure: number | string, unit: string): void =>
  console.log(`${what.padEnd(34)}${String(figure).padStart(12)}  ${unit}`);

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** A day of 10,000 accounts through the release processor, ledger and noise included, in batches as they come from the log. */
function events(): void {
  const accounts = 10_000;
  const eachHour = 10_000;
  const messages: ContributionMessage[] = [tick(0)];
  for (let hour = 0; hour < 24; hour += 1) {
    for (let n = 0; n < eachHour; n += 1)
      messages.push(act(`account-${(n * 7919 + hour * 104_729) % accounts}`, hour, activityKinds[n % 9] ?? 'POST'));
    messages.push(tick(hour + 1));
  }
  const records = messages.map((message, offset) =>
    recordOf({ topic: topics.privacyContributions.name, offset, value: JSON.stringify(message) }),
  );
  const runner = new PartitionRunner(releaseConfig(), {
    changelog: 'changelog',
    partition: 0,
    nowMs: () => 0,
    onOutcome: () => undefined,
  });
  const startedAt = cpuSeconds();
  let appended = 0;
  for (let at = 0; at < records.length; at += 500) appended += runner.handle(records.slice(at, at + 500)).length;
  const seconds = cpuSeconds() - startedAt;
  print(
    'events, bounded and released',
    Math.round(records.length / seconds),
    `events/s (bar 50,000); ${records.length} of ${accounts} accounts, ${appended} records out`,
  );
}

/** The mean error of running totals over 1,024 windows, computed from the matrices and measured on draws. */
function totals(): void {
  const horizon = 1_024;
  const factor = factorFor(horizon);
  print(
    'running totals, T = 1024',
    meanError(factor).toFixed(4),
    'times sigma on average over all windows (bar: within 2 % of 2.994)',
  );
}

/** The workload of the design (Zipf, 100,000 accounts of 32 contributions), where an account counts in a key eight times at most. */
const ofDesign: Workload = {
  accounts: 100_000,
  keys: { count: 100_000, shift: 0, exponent: 1 },
  contributions: contributionsMax,
  perKeyMax: 8,
};
/** The workload of the paper's section 5.1: laws of Zipf and Mandelbrot for how often an account contributes, and to what. */
const ofPaper: Workload = {
  accounts: 10_000_000,
  keys: { count: 1_000_000, shift: 1_000, exponent: 1.4 },
  contributions: { count: 100_000, shift: 26, exponent: 6.738 },
  perKeyMax: 1,
};
/** What its table 1 gives, as https://github.com/lucadibello/confidential-storm writes it out beside its own repetition, with the laws above; the paper itself could not be opened here beyond its first page. */
const published = new Map([
  [100, { keys: 28_338, largest: 1_391, sum: 17_741_225, euclidean: 50_039 }],
  [1_000, { keys: 22_280, largest: 1_563, sum: 19_395_721, euclidean: 58_237 }],
]);

function stream(name: string, workload: Workload, ticks: number): void {
  const startedAt = cpuSeconds();
  const errors = privateStream(workload, ticks);
  const seconds = cpuSeconds() - startedAt;
  const row = (who: string, keys: number, norms: readonly number[]): void =>
    console.log(
      `  ${who.padEnd(22)} ${[keys, ...norms].map((n) => Math.round(n).toLocaleString('en').padStart(12)).join(' ')}`,
    );
  console.log(
    `stream of ${name}, ${ticks} ticks (${seconds.toFixed(1)} s; ${errors.keysTouched.toLocaleString('en')} keys touched; noise of the choice ${errors.sigmaOfChoice.toFixed(1)}, of totals ${errors.sigmaOfTotals.toFixed(1)}; largest error of a key that shows ${errors.largestShown})`,
  );
  console.log(
    `  ${''.padEnd(22)} ${['keys kept', 'L-infinity', 'L1', 'L2'].map((title) => title.padStart(12)).join(' ')}`,
  );
  row('here', errors.keysShown, [errors.largest, errors.sum, errors.euclidean]);
  const theirs = workload === ofPaper ? published.get(ticks) : undefined;
  if (theirs) row('DP-SQLP, published', theirs.keys, [theirs.largest, theirs.sum, theirs.euclidean]);
}

/** Prints all figures, or those of one part. */
export async function run(args: readonly string[]): Promise<void> {
  const [part, ...rest] = args;
  const wanted = (name: string): boolean => part === undefined || part === name;
  if (wanted('samplers')) await samplers();
  if (wanted('events')) events();
  if (wanted('totals')) totals();
  const ticks = rest.length > 0 ? rest.map(Number) : [100, 1_000];
  if (ticks.some((count) => !Number.isInteger(count) || count < 10 || count > 4_096))
    throw new RangeError(`TICKS ${rest.join(' ')}: whole numbers from 10 to 4,096`);
  if (wanted('stream')) for (const count of ticks) stream('the design', ofDesign, count);
  if (wanted('stream')) for (const count of ticks) stream('the paper', ofPaper, count);
}
