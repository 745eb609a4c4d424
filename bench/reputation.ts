/**
 * `npm run bench -- reputation --data FILE|DIR [--walks N] [--no-attacks] [--no-baselines] [--creators N]`: how well the shipped formula predicts, before each rating of a network arrives,
 * whether it will be negative (over the last 70 %), and how far attacks move it, beside formulas from textbooks on the same ratings in the same run. A dump of a Stack
 * Exchange community in the folder is replayed by its own rules.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CsvError } from 'csv-parse';
import { formula, formulaVersion } from '../schema/reputation/formula.ts';
import { takeEvidence } from '../streams/reputation/domain/fast-channel.ts';
import { createMapMemory } from '../streams/reputation/domain/map-memory.ts';
import { areaUnderCurve } from './shared/area-under-curve.ts';
import { averagePrecision } from './shared/average-precision.ts';
import { attacksOn, damageOf } from './shared/reputation/attacks.ts';
import { baselines } from './shared/reputation/baselines.ts';
import { communityFolders, compareWithRecorded } from './shared/reputation/community.ts';
import { type PredictorMaker, oftenUntil, recomputeShare } from './shared/reputation/predictor.ts';
import { type Rating, electSeeds, ratingFiles, readRatings } from './shared/reputation/ratings.ts';
import { measureScale } from './shared/reputation/scale.ts';
import { evidenceOf, shippedFormula } from './shared/reputation/shipped.ts';

const judgedShare = 0.7;
/** Seeds come from the network's beginning, which is not judged. */
const beginningShare = 0.1;
const seedsCount = 20;
/** Attacks are made on so many ratings at most, and speed is measured on as many: each attack takes every formula through all of them again. */
const attackedMax = 50_000;
const usage =
  'usage: npm run bench -- reputation --data FILE|DIR [--walks N] [--no-attacks] [--no-baselines] [--creators N (speed with so many)], where a file has lines of rater, rated, rating, unix time';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      walks: { type: 'string' },
      'no-attacks': { type: 'boolean' },
      'no-baselines': { type: 'boolean' },
      creators: { type: 'string' },
    },
  });
  if (values.data === undefined || !existsSync(values.data)) {
    console.error(values.data === undefined ? usage : `there is no ${values.data}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const walksPerSeed = wholeNumber('walks', values.walks) ?? formula.trust.walksPerSeed;
  const creators = wholeNumber('creators', values.creators);
  const communities = communityFolders(values.data);
  for (const folder of communities) replayOrTell(folder);
  const networks = communities.includes(values.data) ? [] : ratingFiles(values.data);
  let read = 0;
  for (const file of networks) {
    const ratings = await readOrTell(file);
    if (ratings === null) continue;
    read += 1;
    judge(file, ratings, {
      walksPerSeed,
      withAttacks: values['no-attacks'] !== true,
      withBaselines: values['no-baselines'] !== true,
    });
  }
  if (read === 0 && communities.length === 0) process.exitCode = 1;
  if (creators !== null) {
    for (const line of measureScale({ creators, edges: 2 * creators, walksPerSeed: Math.ceil(creators / 200) }))
      console.log(line);
  }
}

/** Null where the option is not given. Throws RangeError for what is no whole number above 0. */
function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new RangeError(`--${name} must be a whole number above 0, not ${text}`);
  return number;
}

function replayOrTell(folder: string): void {
  try {
    console.log(compareWithRecorded(folder));
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof CsvError)) throw error;
    console.error(`left out: ${folder}: ${error.message}`);
  }
}

/** Null where a file is no rating network, which is said. */
async function readOrTell(file: string): Promise<readonly Rating[] | null> {
  try {
    return await readRatings(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`left out: ${error.message}`);
    return null;
  }
}

function judge(
  file: string,
  ratings: readonly Rating[],
  options: { readonly walksPerSeed: number; readonly withAttacks: boolean; readonly withBaselines: boolean },
): void {
  const { walksPerSeed } = options;
  const judged = ratings.slice(Math.floor(ratings.length * (1 - judgedShare)));
  if (!judged.some(({ value }) => value < 0) || !judged.some(({ value }) => value >= 0)) {
    console.log(`${aboutOf(file, ratings)}; nothing to tell apart: the last 70 % need good and bad ones`);
    return;
  }
  const seeds = seedsOf(ratings);
  console.log(
    `${aboutOf(file, ratings)}; formula ${formulaVersion}; ${seeds.length} seeds from the first tenth, ${walksPerSeed} walks each`,
  );
  const shipped: PredictorMaker = (from) => shippedFormula(from, { walksPerSeed });
  const makers = options.withBaselines ? [...baselines, shipped] : [shipped];
  printPredictions(ratings, seeds, makers);
  const newest = ratings.slice(-attackedMax);
  if (options.withAttacks) {
    if (newest.length < ratings.length)
      console.log(`attacks are made on the newest ${newest.length} ratings, with seeds from their first tenth`);
    printAttacks(newest, seedsOf(newest), makers);
  }
  printSpeed(newest, seedsOf(newest), walksPerSeed);
}

/** What was read, so that it shows where a column or a unit of time was taken for another. */
function aboutOf(file: string, ratings: readonly Rating[]): string {
  const [raters, rated] = [new Set(ratings.map(({ rater }) => rater)), new Set(ratings.map((rating) => rating.rated))];
  const negative = ratings.filter(({ value }) => value < 0).length / ratings.length;
  const instant = (rating: Rating | undefined): string =>
    new Date(rating?.atMs ?? 0).toISOString().slice(0, 19).replace('T', ' ');
  return `${file}: ${ratings.length} ratings of ${rated.size} by ${raters.size}, ${(100 * negative).toFixed(1)} % negative, from ${instant(ratings[0])} to ${instant(ratings.at(-1))}`;
}

const seedsOf = (ratings: readonly Rating[]): readonly string[] =>
  electSeeds(ratings.slice(0, Math.ceil(ratings.length * beginningShare)), seedsCount);

function printPredictions(
  ratings: readonly Rating[],
  seeds: readonly string[],
  makers: readonly PredictorMaker[],
): void {
  if (ratings.length > oftenUntil && makers.length > 1)
    console.log(
      `formulas over whole networks are computed anew when they have grown by ${100 * recomputeShare} %, beyond ${oftenUntil} ratings by more`,
    );
  console.log('the last 70 %, each rating predicted before it arrives:                  AUC      AP');
  const from = Math.floor(ratings.length * (1 - judgedShare));
  for (const make of makers) {
    const predictor = make(seeds);
    const predictions: Prediction[] = [];
    const shown: Prediction[] = [];
    ratings.forEach((rating, index) => {
      if (index >= from) {
        const isPositive = rating.value < 0;
        predictions.push({ score: -predictor.expect(rating.rated, rating.atMs), isPositive });
        if (predictor.shown) shown.push({ score: -predictor.shown(rating.rated), isPositive });
      }
      predictor.learn(rating);
    });
    printPrediction(predictor.name, predictions);
    if (shown.length > 0) printPrediction(`${predictor.name}, by the score that readers see`, shown);
  }
}

interface Prediction {
  readonly score: number;
  readonly isPositive: boolean;
}

function printPrediction(name: string, predictions: readonly Prediction[]): void {
  const [auc, ap] = [areaUnderCurve(predictions), averagePrecision(predictions)];
  console.log(`  ${name.padEnd(66)} ${auc.toFixed(4)}  ${ap.toFixed(4)}`);
}

function printAttacks(ratings: readonly Rating[], seeds: readonly string[], makers: readonly PredictorMaker[]): void {
  for (const attack of attacksOn(ratings, seeds)) {
    if (attack.leftOut !== undefined) {
      console.log(`${attack.name}: left out: ${attack.leftOut}`);
      continue;
    }
    console.log(
      `${attack.name}: percentile points that the worst target moves, and the targets’ median percentile after it`,
    );
    for (const make of makers) {
      const { moved, medianPercentile } = damageOf(make, { ratings, seeds }, attack);
      console.log(
        `  ${make(seeds).name.padEnd(66)} ${moved.toFixed(2).padStart(6)}  ${medianPercentile.toFixed(1).padStart(6)}`,
      );
    }
  }
}

function printSpeed(ratings: readonly Rating[], seeds: readonly string[], walksPerSeed: number): void {
  const evidence = ratings.map(evidenceOf);
  const memory = createMapMemory({ seeds: new Set(seeds), platformTrust: {}, anybodyIsKnown: true, walksPerSeed });
  const startedAt = performance.now();
  for (const each of evidence) takeEvidence(memory, each);
  const perSecond = (evidence.length / (performance.now() - startedAt)) * 1000;
  console.log(`both channels in process: ${Math.round(perSecond).toLocaleString('en')} ratings/s on one core`);
}
