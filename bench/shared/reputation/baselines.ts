import { type Predictor, type PredictorMaker, batchPredictor } from './predictor.ts';
import type { Rating } from './ratings.ts';

interface Counts {
  positive: number;
  negative: number;
  sum: number;
  count: number;
  atMs: number;
}

/** Formulas over one creator's own ratings, optionally with a half-life. */
function counting(name: string, of: (counts: Counts, all: Counts) => number, halfLifeMs = Infinity): Predictor {
  const none = (): Counts => ({ positive: 0, negative: 0, sum: 0, count: 0, atMs: 0 });
  const byRated = new Map<string, Counts>();
  const all = none();
  const kept = (counts: Counts, atMs: number): number =>
    counts.atMs === 0 ? 1 : 2 ** (-Math.max(0, atMs - counts.atMs) / halfLifeMs);
  return {
    name,
    expect(rated, atMs) {
      const counts = byRated.get(rated) ?? none();
      const factor = kept(counts, atMs);
      return of({ ...counts, positive: counts.positive * factor, negative: counts.negative * factor }, all);
    },
    learn({ rated, value, atMs }) {
      const one = byRated.get(rated) ?? none();
      byRated.set(rated, one);
      for (const counts of [one, all]) {
        const factor = kept(counts, atMs);
        counts.positive = counts.positive * factor + (value > 0 ? 1 : 0);
        counts.negative = counts.negative * factor + (value < 0 ? 1 : 0);
        counts.sum += value;
        counts.count += 1;
        counts.atMs = atMs;
      }
    },
  };
}

/** Lower end of the 95 % Wilson interval of the share of positive ratings; of an unknown one, that of all. */
function wilson({ positive, negative }: Counts): number {
  const n = positive + negative;
  if (n === 0) return 0;
  const [z, share] = [1.96, positive / n];
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return (share + (z * z) / (2 * n) - spread) / (1 + (z * z) / n);
}

/** Stationary shares of a walk along positive ratings; `restart` says where it begins anew. */
function pageRank(
  ratings: readonly Rating[],
  restart: readonly string[] | null,
  damping: number,
): ReadonlyMap<string, number> {
  const names = [...new Set(ratings.flatMap(({ rater, rated }) => [rater, rated]))];
  const ids = new Map(names.map((name, id) => [name, id]));
  const homes = (restart ?? names).flatMap((name) => ids.get(name) ?? []);
  const home = new Float64Array(names.length);
  for (const id of homes) home[id] = 1 / homes.length;
  const edges = ratings
    .filter(({ value }) => value > 0)
    .map(({ rater, rated, value }) => ({ from: ids.get(rater) ?? 0, to: ids.get(rated) ?? 0, value }));
  const out = new Float64Array(names.length);
  for (const { from, value } of edges) out[from] = (out[from] as number) + value;
  let rank = Float64Array.from(home);
  for (let round = 0; round < 30; round++) {
    const next = new Float64Array(names.length);
    let left = 1;
    for (const { from, to, value } of edges) {
      const share = (damping * (rank[from] as number) * value) / (out[from] as number);
      next[to] = (next[to] as number) + share;
      left -= share;
    }
    for (let id = 0; id < names.length; id++) next[id] = (next[id] as number) + left * (home[id] as number);
    rank = next;
  }
  return new Map(names.map((name, id) => [name, rank[id] as number]));
}

/**
 * Fairness and goodness (Kumar and others 2016); with `reliability`, REV2 (Kumar and others 2018) without its behaviour terms, priors of 1.
 */
function goodness(ratings: readonly Rating[], withReliability: boolean): ReadonlyMap<string, number> {
  const fairness = new Map<string, number>();
  let good = new Map<string, number>();
  const reliability = new Float64Array(ratings.length).fill(1);
  const prior = withReliability ? 1 : 0;
  for (let round = 0; round < 20; round++) {
    const sums = new Map<string, { sum: number; count: number }>();
    const add = (name: string, value: number): void => {
      const one = sums.get(name) ?? { sum: 0, count: 0 };
      sums.set(name, { sum: one.sum + value, count: one.count + 1 });
    };
    ratings.forEach(({ rater, rated, value }, at) =>
      add(rated, value * (withReliability ? (reliability[at] as number) : (fairness.get(rater) ?? 1))),
    );
    good = new Map([...sums].map(([name, { sum, count }]) => [name, sum / (count + prior)]));
    sums.clear();
    ratings.forEach(({ rater, rated, value }, at) => {
      const agreement = 1 - Math.abs(value - (good.get(rated) ?? 0)) / 2;
      reliability[at] = ((fairness.get(rater) ?? 1) + agreement) / 2;
      add(rater, withReliability ? reliability[at] : agreement);
    });
    for (const [name, { sum, count }] of sums) fairness.set(name, (sum + prior / 2) / (count + prior));
  }
  return good;
}

const dayMs = 86_400_000;

/** What is published and used elsewhere, by its textbook. */
export const baselines: readonly PredictorMaker[] = [
  () => counting('in-degree', ({ count }) => count),
  (seeds) => batchPredictor('EigenTrust, from the same seeds', (ratings) => pageRank(ratings, seeds, 0.85), 0),
  () => batchPredictor('PageRank', (ratings) => pageRank(ratings, null, 0.85), 0),
  () => counting('Wilson, lower end', wilson),
  () => batchPredictor('REV2, without behaviour terms', (ratings) => goodness(ratings, true), 0),
  () => batchPredictor('fairness and goodness', (ratings) => goodness(ratings, false), 0),
  () => counting('mean rating', ({ sum, count }, all) => (count > 0 ? sum / count : all.sum / Math.max(1, all.count))),
  () => counting('Beta, prior (1, 1)', ({ positive, negative }) => (positive + 1) / (positive + negative + 2)),
  () =>
    counting(
      'decayed Beta, prior (1, 1), half-life 60 d',
      ({ positive, negative }) => (positive + 1) / (positive + negative + 2),
      60 * dayMs,
    ),
];
