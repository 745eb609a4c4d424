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
  const { names, raters, rateds } = numbered(ratings);
  const wanted = restart === null ? null : new Set(restart);
  const homes = [...names.keys()].filter((id) => wanted === null || wanted.has(names[id] as string));
  const home = new Float64Array(names.length);
  for (const id of homes) home[id] = 1 / homes.length;
  const edges = [...ratings.keys()].filter((at) => (ratings[at] as Rating).value > 0);
  const from = Int32Array.from(edges, (at) => raters[at] as number);
  const to = Int32Array.from(edges, (at) => rateds[at] as number);
  const values = Float64Array.from(edges, (at) => (ratings[at] as Rating).value);
  const out = new Float64Array(names.length);
  for (let n = 0; n < from.length; n++)
    out[from[n] as number] = (out[from[n] as number] as number) + (values[n] as number);
  let rank = Float64Array.from(home);
  for (let round = 0; round < 30; round++) {
    const next = new Float64Array(names.length);
    let left = 1;
    for (let n = 0; n < from.length; n++) {
      const source = from[n] as number;
      const target = to[n] as number;
      const share = (damping * (rank[source] as number) * (values[n] as number)) / (out[source] as number);
      next[target] = (next[target] as number) + share;
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
  const { names, raters, rateds } = numbered(ratings);
  const fairness = new Float64Array(names.length).fill(1);
  const good = new Float64Array(names.length);
  const reliability = new Float64Array(ratings.length).fill(1);
  const values = Float64Array.from(ratings, ({ value }) => value);
  const prior = withReliability ? 1 : 0;
  const [given, received] = [new Int32Array(names.length), new Int32Array(names.length)];
  for (const id of raters) given[id] = (given[id] as number) + 1;
  for (const id of rateds) received[id] = (received[id] as number) + 1;
  /** The mean of what stands at the ratings of each, and of the prior; who has none keeps what they had. */
  const mean = (
    of: Float64Array,
    who: Int32Array,
    by: { counts: Int32Array; first: number },
    at: (n: number) => number,
  ): void => {
    const sums = new Float64Array(names.length);
    for (let n = 0; n < who.length; n++) sums[who[n] as number] = (sums[who[n] as number] as number) + at(n);
    for (let id = 0; id < names.length; id++) {
      const count = by.counts[id] as number;
      if (count > 0) of[id] = ((sums[id] as number) + by.first) / (count + prior);
    }
  };
  for (let round = 0; round < 20; round++) {
    mean(good, rateds, { counts: received, first: 0 }, (n) => {
      const weight = withReliability ? reliability : fairness;
      return (values[n] as number) * (weight[withReliability ? n : (raters[n] as number)] as number);
    });
    mean(fairness, raters, { counts: given, first: prior / 2 }, (n) => {
      const agreement = 1 - Math.abs((values[n] as number) - (good[rateds[n] as number] as number)) / 2;
      reliability[n] = ((fairness[raters[n] as number] as number) + agreement) / 2;
      return withReliability ? reliability[n] : agreement;
    });
  }
  return new Map(names.flatMap((name, id) => ((received[id] as number) > 0 ? [[name, good[id] as number]] : [])));
}

/** Names as numbers, in the order in which they come: large networks are gone through many times. */
function numbered(ratings: readonly Rating[]): {
  readonly names: readonly string[];
  readonly raters: Int32Array;
  readonly rateds: Int32Array;
} {
  const ids = new Map<string, number>();
  const idOf = (name: string): number => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, ids.size);
    return ids.size - 1;
  };
  const [raters, rateds] = [new Int32Array(ratings.length), new Int32Array(ratings.length)];
  ratings.forEach(({ rater, rated }, at) => {
    raters[at] = idOf(rater);
    rateds[at] = idOf(rated);
  });
  return { names: [...ids.keys()], raters, rateds };
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
