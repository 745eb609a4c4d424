import type { Predictor, PredictorMaker } from './predictor.ts';
import type { Rating } from './ratings.ts';

const dayMs = 86_400_000;
/** A source counts 20 units a day: who sells their word needs this long for a thousand. */
const ratingsPerDay = 19;

/** A network with an attack on top. */
interface Attack {
  readonly name: string;
  readonly targets: readonly string[];
  /** Whether it wants its targets to rise. */
  readonly lifts: boolean;
  /** From this instant on. */
  readonly ratings: (targets: readonly string[], startMs: number) => readonly Rating[];
}

const praise = (rater: string, rated: string, atMs: number): Rating => ({ rater, rated, value: 1, atMs });

const sybil = (n: number): string => `sybil ${n}`;

/** Accounts that praise one another in a ring and each all targets. */
function ring(targets: readonly string[], size: number, atMs: number, first = 0): readonly Rating[] {
  return Array.from({ length: size }, (_, n) => [
    praise(sybil(first + n), sybil(first + ((n + 1) % size)), atMs),
    ...targets.map((target) => praise(sybil(first + n), target, atMs)),
  ]).flat();
}

/** The accounts against, and for, which most others spoke. */
function extremes(ratings: readonly Rating[], count: number): { worst: readonly string[]; best: readonly string[] } {
  const balance = new Map<string, number>();
  for (const { rated, value } of ratings) balance.set(rated, (balance.get(rated) ?? 0) + Math.sign(value));
  const sorted = [...balance].sort((a, b) => a[1] - b[1]).map(([name]) => name);
  return { worst: sorted.slice(0, count), best: sorted.slice(-count) };
}

/** Accounts that are attacked, or attacked for. */
const targetsCount = 12;

export function attacksOn(ratings: readonly Rating[], seeds: readonly string[]): readonly Attack[] {
  const { worst, best } = extremes(ratings, targetsCount);
  // Whom most others praise: the most dangerous member to win over.
  const member = best.findLast((name) => !seeds.includes(name)) ?? '';
  const seed = seeds[3] ?? '';
  /** Vouches for the targets and every sybil, as fast as the caps let it count, and lets them loose. */
  const sold =
    (by: string, size: number): Attack['ratings'] =>
    (targets, startMs) => [
      ...[...targets, ...Array.from({ length: size }, (_, n) => sybil(n))].map((name, n) =>
        praise(by, name, startMs + Math.floor(n / ratingsPerDay) * dayMs),
      ),
      ...ring(targets, size, startMs + Math.ceil((size + targets.length) / ratingsPerDay) * dayMs),
    ];
  /** A member praises each target, who vouches for sybils of their own, who praise the target. */
  const oneEdge =
    (size: number): Attack['ratings'] =>
    (targets, startMs) =>
      targets.flatMap((target, index) => [
        praise(member, target, startMs),
        ...Array.from({ length: size }, (_, n) =>
          praise(target, sybil(index * size + n), startMs + (1 + Math.floor(n / ratingsPerDay)) * dayMs),
        ),
        // The same instant whatever the size, so that age makes no difference.
        ...ring([target], size, startMs + 60 * dayMs, index * size),
      ]);
  return [
    {
      name: '1,000 sybils, no honest edge',
      targets: worst,
      lifts: true,
      ratings: (targets, startMs) => ring(targets, 1_000, startMs),
    },
    { name: 'one colluding seed, 1,000 sybils', targets: worst, lifts: true, ratings: sold(seed, 1_000) },
    { name: 'one colluding member, 1,000 sybils', targets: worst, lifts: true, ratings: sold(member, 1_000) },
    { name: '10 sybils of each target’s own, one honest edge', targets: worst, lifts: true, ratings: oneEdge(10) },
    {
      name: '1,000 sybils of each target’s own, one honest edge',
      targets: worst,
      lifts: true,
      ratings: oneEdge(1_000),
    },
    {
      name: 'bad-mouthing by 100 sybils',
      targets: best,
      lifts: false,
      ratings: (targets, startMs) =>
        Array.from({ length: 100 }, (_, n) =>
          targets.map((rated) => ({ rater: sybil(n), rated, value: -1, atMs: startMs })),
        ).flat(),
    },
  ];
}

/** How far, in percentile points among all whom the network rates, an attack moves its targets, and where it leaves them. */
interface Damage {
  /** Of the target that moved most as the attack wants. */
  readonly moved: number;
  readonly medianPercentile: number;
}

export function damageOf(
  make: PredictorMaker,
  network: { readonly ratings: readonly Rating[]; readonly seeds: readonly string[] },
  attack: Attack,
): Damage {
  const { ratings, seeds } = network;
  const startMs = (ratings.at(-1)?.atMs ?? 0) + dayMs;
  const rated = [...new Set(ratings.map((rating) => rating.rated))];
  const hostile = [...attack.ratings(attack.targets, startMs)].sort((a, b) => a.atMs - b.atMs);
  const endMs = (hostile.at(-1)?.atMs ?? startMs) + dayMs;
  const percentiles = (predictor: Predictor): readonly number[] => {
    const scores = rated.map((name) => predictor.expect(name, endMs));
    return attack.targets.map((target) => {
      const own = predictor.expect(target, endMs);
      const below = scores.reduce((sum, score) => sum + (score < own ? 1 : score === own ? 0.5 : 0), 0);
      return (100 * below) / scores.length;
    });
  };
  const predictor = make(seeds);
  for (const rating of ratings) predictor.learn(rating);
  const before = percentiles(predictor);
  for (const rating of hostile) predictor.learn(rating);
  const after = percentiles(predictor);
  const moved = after.map((percentile, at) => (percentile - (before[at] as number)) * (attack.lifts ? 1 : -1));
  return {
    moved: Math.max(...moved),
    medianPercentile: [...after].sort((a, b) => a - b)[after.length >> 1] as number,
  };
}
