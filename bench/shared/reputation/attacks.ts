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
  /** How many of the network's seeds it has for the attack; all, unless told otherwise. */
  readonly seedsCount?: number;
  /** Why it cannot be made on this network; absent where it can. */
  readonly leftOut?: string;
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

/** Accounts that are attacked, or attacked for; of a small network a third at most, so that the worst are not the best too. */
const targetsCount = 12;
const targetsShare = 1 / 3;

/** The fewest seeds that the formula asks for, in five groups of two: one of them is one in ten. */
const tenSeeds = 10;

/** How attackers go about it. `members` are whom others praise, the most praised first: the most dangerous to win over. */
function planner(members: readonly string[]): Record<'oneEdge' | 'together', (size: number) => Attack['ratings']> & {
  readonly sold: (by: readonly string[], size: number) => Attack['ratings'];
} {
  const [member = ''] = members;
  const sybils = (size: number): readonly string[] => Array.from({ length: size }, (_, n) => sybil(n));
  /** Each in turn praises all of them, as fast as the caps let it count. */
  const vouchedBy = (by: readonly string[], names: readonly string[], startMs: number): readonly Rating[] =>
    by.flatMap((from) =>
      names
        .filter((name) => name !== from)
        .map((name, n) => praise(from, name, startMs + Math.floor(n / ratingsPerDay) * dayMs)),
    );
  /** Those who sell their word vouch for the targets and every sybil, and let them loose. */
  const sold =
    (by: readonly string[], size: number): Attack['ratings'] =>
    (of, startMs) => [
      ...vouchedBy(by, [...of, ...sybils(size)], startMs),
      ...ring(of, size, startMs + Math.ceil((size + of.length) / ratingsPerDay) * dayMs),
    ];
  /** A member praises each target, who vouches for sybils of their own, who praise the target. */
  const oneEdge =
    (size: number): Attack['ratings'] =>
    (of, startMs) =>
      of.flatMap((target, index) => [
        praise(member, target, startMs),
        ...Array.from({ length: size }, (_, n) =>
          praise(target, sybil(index * size + n), startMs + (1 + Math.floor(n / ratingsPerDay)) * dayMs),
        ),
        // The same instant whatever the size, so that age makes no difference.
        ...ring([target], size, startMs + 60 * dayMs, index * size),
      ]);
  /** Each is praised by another member, and all of them vouch for the same sybils, who praise them all. */
  const together =
    (size: number): Attack['ratings'] =>
    (of, startMs) => [
      ...of.map((name, n) => praise(members[n % members.length] ?? '', name, startMs)),
      ...vouchedBy(of, sybils(size), startMs + dayMs),
      ...ring(of, size, startMs + 60 * dayMs),
    ];
  return { sold, oneEdge, together };
}

/** Who plays which part on a network, and what it has nobody for. */
function castOn(
  ratings: readonly Rating[],
  seeds: readonly string[],
): {
  readonly targets: readonly string[];
  readonly praised: readonly string[];
  readonly members: readonly string[];
  readonly noSeed: Pick<Attack, 'leftOut'>;
  readonly noMember: Pick<Attack, 'leftOut'>;
} {
  const { worst, best } = extremes(ratings, 4 * targetsCount);
  const rated = new Set(ratings.map((rating) => rating.rated)).size;
  const count = Math.min(targetsCount, Math.max(1, Math.floor(rated * targetsShare)));
  const targets = worst.slice(0, count);
  const members = best.filter((name) => !seeds.includes(name) && !targets.includes(name)).toReversed();
  return {
    targets,
    praised: best.slice(-count),
    members,
    noSeed:
      seeds.length < tenSeeds ? { leftOut: `it takes ${tenSeeds} seeds, and the network gives ${seeds.length}` } : {},
    noMember: members.length === 0 ? { leftOut: 'whoever is praised here is a seed or one of the worst' } : {},
  };
}

export function attacksOn(ratings: readonly Rating[], seeds: readonly string[]): readonly Attack[] {
  const { targets, praised, members, noSeed, noMember } = castOn(ratings, seeds);
  const [member = ''] = members;
  const { sold, oneEdge, together } = planner(members);
  return [
    {
      name: '1,000 sybils, no honest edge',
      targets,
      lifts: true,
      ratings: (targets, startMs) => ring(targets, 1_000, startMs),
    },
    {
      name: `one colluding seed of ${tenSeeds}, 1,000 sybils`,
      ...noSeed,
      targets,
      lifts: true,
      seedsCount: tenSeeds,
      ratings: sold(seeds.slice(3, 4), 1_000),
    },
    {
      name: 'one colluding seed in ten of all, 1,000 sybils',
      ...noSeed,
      targets,
      lifts: true,
      ratings: sold(seeds.slice(3, 3 + Math.max(1, Math.floor(seeds.length / 10))), 1_000),
    },
    { name: 'one colluding member, 1,000 sybils', ...noMember, targets, lifts: true, ratings: sold([member], 1_000) },
    {
      name: 'twelve in collusion, one honest edge each, 10 sybils',
      ...noMember,
      targets,
      lifts: true,
      ratings: together(10),
    },
    {
      name: 'twelve in collusion, one honest edge each, 1,000 sybils',
      ...noMember,
      targets,
      lifts: true,
      ratings: together(1_000),
    },
    {
      name: '10 sybils of each target’s own, one honest edge',
      ...noMember,
      targets,
      lifts: true,
      ratings: oneEdge(10),
    },
    {
      name: '1,000 sybils of each target’s own, one honest edge',
      ...noMember,
      targets,
      lifts: true,
      ratings: oneEdge(1_000),
    },
    {
      name: 'bad-mouthing by 100 sybils',
      targets: praised,
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
  const { ratings } = network;
  const seeds = network.seeds.slice(0, attack.seedsCount ?? network.seeds.length);
  const startMs = (ratings.at(-1)?.atMs ?? 0) + dayMs;
  const rated = [...new Set(ratings.map((rating) => rating.rated))];
  const hostile = [...attack.ratings(attack.targets, startMs)].sort((a, b) => a.atMs - b.atMs);
  const endMs = (hostile.at(-1)?.atMs ?? startMs) + dayMs;
  const percentiles = (predictor: Predictor): readonly number[] => {
    // An attack may be less than a formula over the whole network looks up for.
    predictor.refresh?.();
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
