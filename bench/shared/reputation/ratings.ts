import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse';

export interface Rating {
  readonly rater: string;
  readonly rated: string;
  /** -1 to 1. */
  readonly value: number;
  readonly atMs: number;
}

const partnersMin = 3;

/** The file itself, or every `.csv` in a folder. */
export function ratingFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => join(path, name));
}

/** Lines of rater, rated, rating and unix time, in the order of time; ratings from -1 to 1. Throws RangeError naming the line. */
export async function readRatings(file: string): Promise<readonly Rating[]> {
  const ratings: Rating[] = [];
  const rows = createReadStream(file).pipe(parse({ trim: true, skip_empty_lines: true }));
  for await (const row of rows as AsyncIterable<readonly string[]>) {
    const [rater = '', rated = '', value, time] = row;
    const rating = { rater, rated, value: Number(value), atMs: Math.floor(Number(time) * 1000) };
    const isHeader = ratings.length === 0 && Number.isNaN(rating.value);
    if (isHeader) continue;
    if (!Number.isFinite(rating.value) || !(rating.atMs >= 0) || rater === '' || rated === '')
      throw new RangeError(`${file}, rating ${ratings.length + 1}: rater, rated, rating and unix time are expected`);
    ratings.push(rating);
  }
  return centred(ratings).sort((a, b) => a.atMs - b.atMs);
}

/** Signed ratings are divided by the largest. A scale without negative ones, like one to five stars, has its middle taken off first: below it is negative. */
function centred(ratings: readonly Rating[]): Rating[] {
  const [low, high] = ratings.reduce(
    ([least, most], { value }) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const middle = low >= 0 && low < high ? (low + high) / 2 : 0;
  const largest = Math.max(Math.abs(high - middle), Math.abs(low - middle)) || 1;
  return ratings.map((rating) => ({ ...rating, value: (rating.value - middle) / largest }));
}

/**
 * Seeds by a public rule, from a network's beginning alone: the first to have rated and been rated positively by three others each; where that
 * makes too few, those who rated first.
 */
export function electSeeds(beginning: readonly Rating[], count: number): readonly string[] {
  const elected = new Set<string>();
  const given = new Map<string, Set<string>>();
  const received = new Map<string, Set<string>>();
  const partners = (of: Map<string, Set<string>>, name: string): Set<string> => {
    const known = of.get(name) ?? new Set();
    of.set(name, known);
    return known;
  };
  for (const { rater, rated, value } of beginning) {
    if (value <= 0 || rater === rated) continue;
    partners(given, rater).add(rated);
    partners(received, rated).add(rater);
    for (const name of [rater, rated])
      if (
        elected.size < count &&
        partners(given, name).size >= partnersMin &&
        partners(received, name).size >= partnersMin
      )
        elected.add(name);
  }
  for (const { rater } of beginning) if (elected.size < count) elected.add(rater);
  return [...elected];
}
