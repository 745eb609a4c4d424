/** Private analytics on one core: `npm run bench -- privacy [samplers|events|totals|stream [TICKS…]]`. Seconds are of processor time, so that other load on the machine takes nothing from the figures. */
import { activityKinds } from '../schema/metrics/declared/activity.ts';
import { type Rational, divide, multiply, parseRational, rational, toNumber } from '../schema/metrics/rational.ts';
import { factorFor, meanError } from '../schema/metrics/running-total.ts';
import { topics } from '../schema/topics.ts';
import type { ContributionMessage } from '../streams/privacy/contribution.ts';
import { systemBits } from '../streams/privacy/crypto/bit-sources.ts';
import { zcdpRho } from '../streams/privacy/domain/accounting/zcdp.ts';
import { discreteGaussian } from '../streams/privacy/domain/samplers/discrete-gaussian.ts';
import { gaussianThreshold } from '../streams/privacy/domain/selection/thresholds.ts';
import { act, releaseConfig, tick } from '../streams/privacy/testing.ts';
import { PartitionRunner } from '../streams/shared/partition-runner.ts';
import { recordOf } from '../streams/shared/testing.ts';
import { run as samplers } from './samplers.ts';

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

const accountsOfStream = 100_000;
const keysOfStream = 100_000;
const contributionsMax = 32;
const epsilon = 6;
const delta = 1e-9;

/** A seeded generator for the workload (not for noise): splitmix32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Cumulative shares of Zipf's law with exponent 1. */
function zipf(): Float64Array {
  const shares = new Float64Array(keysOfStream);
  let sum = 0;
  for (let n = 0; n < keysOfStream; n += 1) shares[n] = sum += 1 / (n + 1);
  return shares.map((share) => share / sum);
}

function keyAt(shares: Float64Array, point: number): number {
  let [low, high] = [0, keysOfStream - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shares[middle] ?? 1) < point) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The workload of DP-SQLP (Zhang et al., PVLDB 17, 2024): Zipf over 100,000 keys, 100,000 accounts of 32 contributions each, spread over the ticks; one account's whole stream is protected. Keys are
 * private: each that was touched is looked at on every tick and shown from when its noisy total passes a threshold. Each tick has noise of its own and totals add up, as an account
 * may take part in up to 32 ticks.
 */
function stream(ticks: number): void {
  const [random, shares] = [seeded(7), zipf()];
  const added = Array.from({ length: ticks }, () => new Map<number, number>());
  const truth = new Float64Array(keysOfStream);
  for (let account = 0; account < accountsOfStream; account += 1) {
    // An account counts once in a cell of a tick; what it does there again is cut off, and counts as error.
    const cells = new Set<number>();
    for (let n = 0; n < contributionsMax; n += 1) {
      const [key, at] = [keyAt(shares, random()), Math.floor(random() * ticks)];
      truth[key] = (truth[key] ?? 0) + 1;
      const sums = added[at];
      if (cells.has(key * ticks + at)) continue;
      cells.add(key * ticks + at);
      sums?.set(key, (sums.get(key) ?? 0) + 1);
    }
  }
  // Half of delta for the selection; the rest of the loss is the noise's.
  const rho: Rational = parseRational(zcdpRho(epsilon, delta / 2).toFixed(9));
  // One account moves 32 cells of all ticks by one each.
  const sensitivity2 = rational(BigInt(contributionsMax));
  const sigma2 = divide(sensitivity2, multiply(rational(2n), rho));
  const sampler = discreteGaussian(sigma2);
  const source = systemBits();
  const sigma = Math.sqrt(toNumber(sigma2));
  const noisy = new Float64Array(keysOfStream);
  const [touched, shown] = [new Set<number>(), new Set<number>()];
  const startedAt = cpuSeconds();
  for (const [t, sums] of added.entries()) {
    for (const [key, sum] of sums) {
      touched.add(key);
      noisy[key] = (noisy[key] ?? 0) + sum;
    }
    const threshold = gaussianThreshold({
      sigma: sigma * Math.sqrt(t + 1),
      l0: contributionsMax,
      linf: contributionsMax,
      delta: delta / 2 / ticks,
    });
    for (const key of touched) {
      noisy[key] = (noisy[key] ?? 0) + Number(sampler(source));
      if ((noisy[key] ?? 0) >= threshold) shown.add(key);
    }
  }
  const seconds = cpuSeconds() - startedAt;
  let [most, sum, squares] = [0, 0, 0];
  for (let key = 0; key < keysOfStream; key += 1) {
    const error = Math.abs((truth[key] ?? 0) - (shown.has(key) ? (noisy[key] ?? 0) : 0));
    [most, sum, squares] = [Math.max(most, error), sum + error, squares + error * error];
  }
  print(
    `stream of ${ticks} ticks: keys kept`,
    shown.size,
    `of ${touched.size} touched; sigma ${sigma.toFixed(1)} a tick, ${seconds.toFixed(1)} s`,
  );
  print(
    '  L-infinity, L1, L2 of the totals',
    Math.round(most),
    `, ${Math.round(sum)}, ${Math.round(Math.sqrt(squares))} (a key that is not shown counts with all of its total)`,
  );
}

/** Prints all figures, or those of one part. */
export async function run(args: readonly string[]): Promise<void> {
  const [part, ...rest] = args;
  const wanted = (name: string): boolean => part === undefined || part === name;
  if (wanted('samplers')) await samplers();
  if (wanted('events')) events();
  if (wanted('totals')) totals();
  if (wanted('stream')) for (const ticks of rest.length > 0 ? rest.map(Number) : [100, 1_000]) stream(ticks);
}
