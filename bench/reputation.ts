/**
 * `npm run bench -- reputation --data FILE`: how well the shipped fast channel predicts, before each rating of a network arrives, whether it
 * will be negative (AUC over the last 70 %), beside simpler formulas computed in the same run, and how fast it is.
 */
import { createReadStream, existsSync } from 'node:fs';
import { parse } from 'csv-parse';
import type { GivenEvidence } from '../schema/reputation/evidence.ts';
import { formulaVersion } from '../schema/reputation/formula.ts';
import { takeEvidence } from '../streams/reputation/domain/fast-channel.ts';
import { createMapMemory } from '../streams/reputation/domain/map-memory.ts';
import { type DimensionState, creatorOf } from '../streams/reputation/domain/memory.ts';
import { accumulate, expectation, sumsAt } from '../streams/reputation/domain/score.ts';
import type { Roots } from '../streams/reputation/domain/trust-network.ts';
import { areaUnderCurve } from './shared/area-under-curve.ts';

interface Rating {
  readonly rater: string;
  readonly rated: string;
  /** -1 to 1. */
  readonly value: number;
  readonly atMs: number;
}

/** A formula that learns ratings one after the other and says how good it expects the next one of somebody to be. */
interface Predictor {
  readonly name: string;
  expect(rated: string, atMs: number): number;
  learn(rating: Rating): void;
}

const dimension = 'COLLABORATION';
const judgedShare = 0.7;
const seedsCount = 20;
const walksPerSeed = 8_000;
const usage =
  'usage: npm run bench -- reputation --data FILE, where FILE has lines of rater, rated, rating (-10 to 10), unix time';

export async function run(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--data');
  const file = at >= 0 ? args[at + 1] : undefined;
  if (file === undefined || !existsSync(file)) {
    console.error(file === undefined ? usage : `there is no file ${file}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const ratings = await readRatings(file);
  const seeds = firstRaters(ratings, seedsCount);
  console.log(
    `${ratings.length} ratings; formula ${formulaVersion}; the ${seeds.length} members who rated first are the seeds of trust`,
  );
  console.log('AUC of the last 70 %, each rating predicted before it arrives:');
  for (const predictor of [mean(), beta(), decayedBeta(), untrusting(), fastChannel(seeds)]) {
    console.log(`  ${predictor.name.padEnd(58)} ${prequential(ratings, predictor).toFixed(4)}`);
  }
  console.log(
    `fast channel in process: ${Math.round(updatesPerSecond(ratings, seeds)).toLocaleString('en')} updates/s on one core`,
  );
}

async function readRatings(file: string): Promise<readonly Rating[]> {
  const ratings: Rating[] = [];
  for await (const row of createReadStream(file).pipe(parse({ trim: true, skip_empty_lines: true })) as AsyncIterable<
    readonly string[]
  >) {
    const [rater = '', rated = '', value, time] = row;
    const rating = { rater, rated, value: Number(value) / 10, atMs: Math.floor(Number(time) * 1000) };
    if (!(Math.abs(rating.value) <= 1) || !Number.isFinite(rating.atMs))
      throw new RangeError(`${file}, rating ${ratings.length + 1}: ${usage}`);
    ratings.push(rating);
  }
  return ratings.sort((a, b) => a.atMs - b.atMs);
}

function firstRaters(ratings: readonly Rating[], count: number): readonly string[] {
  return [...new Set(ratings.map(({ rater }) => rater))].slice(0, count);
}

function prequential(ratings: readonly Rating[], predictor: Predictor): number {
  const from = Math.floor(ratings.length * (1 - judgedShare));
  const predictions: { score: number; isPositive: boolean }[] = [];
  ratings.forEach((rating, index) => {
    if (index >= from)
      predictions.push({ score: -predictor.expect(rating.rated, rating.atMs), isPositive: rating.value < 0 });
    predictor.learn(rating);
  });
  return areaUnderCurve(predictions);
}

/** The mean rating so far; the mean of all where there is none. */
function mean(): Predictor {
  const byRated = new Map<string, { sum: number; count: number }>();
  const all = { sum: 0, count: 0 };
  return {
    name: 'mean rating',
    expect(rated) {
      const { sum, count } = byRated.get(rated) ?? all;
      return count === 0 ? 0 : sum / count;
    },
    learn({ rated, value }) {
      const one = byRated.get(rated) ?? { sum: 0, count: 0 };
      byRated.set(rated, one);
      for (const each of [one, all]) {
        each.sum += value;
        each.count += 1;
      }
    },
  };
}

/** Jøsang and Ismail 2002, prior (1, 1), without decay. */
function beta(): Predictor {
  return decaying('Beta, prior (1, 1)', Infinity);
}

function decayedBeta(): Predictor {
  return decaying('decayed Beta, prior (1, 1), half-life 60 d', 60 * 86_400_000);
}

function decaying(name: string, halfLifeMs: number): Predictor {
  const byRated = new Map<string, { positive: number; negative: number; atMs: number }>();
  const at = (rated: string, atMs: number): { positive: number; negative: number } => {
    const { positive = 0, negative = 0, atMs: before = atMs } = byRated.get(rated) ?? {};
    const kept = 2 ** (-(atMs - before) / halfLifeMs);
    return { positive: positive * kept, negative: negative * kept };
  };
  return {
    name,
    expect(rated, atMs) {
      const { positive, negative } = at(rated, atMs);
      return (positive + 1) / (positive + negative + 2);
    },
    learn({ rated, value, atMs }) {
      const { positive, negative } = at(rated, atMs);
      byRated.set(rated, { positive: positive + Math.max(0, value), negative: negative + Math.max(0, -value), atMs });
    },
  };
}

/** The shipped formula if everybody were trusted: what resistance to attacks costs is the difference. */
function untrusting(): Predictor {
  const states = new Map<string, DimensionState>();
  return {
    name: 'fast channel with full trust in everybody (not shipped)',
    expect: (rated, atMs) => expected(states.get(rated), atMs),
    learn: ({ rated, value, atMs }) =>
      void states.set(rated, accumulate(states.get(rated), { amount: value, isNegative: value < 0, atMs, pieces: 1 })),
  };
}

function fastChannel(seeds: readonly string[]): Predictor {
  const roots: Roots = { seeds: new Set(seeds), platformTrust: {}, walksPerSeed };
  const memory = createMapMemory(roots);
  let sequence = 0;
  return {
    name: 'fast channel as shipped',
    expect: (rated, atMs) => expected(creatorOf(memory, rated).dimensions[dimension], atMs),
    learn: (rating) => void takeEvidence(memory, evidenceOf(rating, sequence++)),
  };
}

function expected(state: DimensionState | undefined, atMs: number): number {
  return expectation(state ? sumsAt(state, Math.max(atMs, state.atMs)) : { positive: 0, negative: 0 });
}

/** A rating is a statement about a partner: it stands until the same rater rates them anew. */
function evidenceOf({ rater, rated, value, atMs }: Rating, sequence: number): GivenEvidence {
  const eventId = `rating-${sequence}`;
  const refusal = rater === rated ? 'SELF' : null;
  return {
    kind: 'GIVEN',
    eventId,
    rule: 'WORKED_TOGETHER',
    target: rated,
    dimension,
    source: rater,
    sourceKind: 'CREATOR',
    weight: value,
    statement: null,
    isAnonymous: false,
    refusal,
    atMs,
  };
}

function updatesPerSecond(ratings: readonly Rating[], seeds: readonly string[]): number {
  const evidence = ratings.map(evidenceOf);
  const roots: Roots = { seeds: new Set(seeds), platformTrust: {}, walksPerSeed };
  const memory = createMapMemory(roots);
  const startedAt = performance.now();
  for (const each of evidence) takeEvidence(memory, each);
  return (evidence.length / (performance.now() - startedAt)) * 1000;
}
