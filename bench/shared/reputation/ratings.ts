import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface Rating {
  readonly rater: string;
  readonly rated: string;
  /** -1 to 1. */
  readonly value: number;
  readonly atMs: number;
}

const partnersMin = 3;
const endings = /\.(csv|tsv|txt|edges|dat)(\.gz)?$/i;

/** The file itself, or every file of ratings in a folder, by name. Throws RangeError for a folder that has none. */
export function ratingFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => endings.test(name))
    .sort();
  if (files.length === 0)
    throw new RangeError(`${path} has no file that ends in .csv, .tsv, .txt, .edges or .dat (or that with .gz)`);
  return files.map((name) => join(path, name));
}

/** What the columns are, by place. */
interface Columns {
  readonly rater: number;
  readonly rated: number;
  readonly rating: number;
  readonly time: number;
}
const positional: Columns = { rater: 0, rated: 1, rating: 2, time: 3 };
const columnNames: { readonly [C in keyof Columns]: RegExp } = {
  rater: /^(rater|source|from|src|user|user_?id|voter|truster|source_?id)$/i,
  rated: /^(rated|ratee|target|to|dst|item|item_?id|votee|trustee|target_?id)$/i,
  rating: /^(rating|value|weight|score|vote|sign|stars)$/i,
  time: /^(time|timestamp|unix_?time|date|at|datetime)$/i,
};

/**
 * Lines of rater, rated, rating and time, in the order of time; ratings from -1 to 1. Separated by commas, semicolons, tabs or spaces; plain or gzip; with or
 * without a header, whose names then say which column is which; cells may be quoted (RFC 4180, but for line breaks). Times are in seconds, milliseconds, microseconds or nanoseconds
 * since 1970 (by their size), or ISO 8601, in UTC unless they say otherwise. Lines that begin with # or % are comments. Throws RangeError naming file, line and column.
 */
export async function readRatings(file: string): Promise<readonly Rating[]> {
  const source = createReadStream(file);
  const bytes = file.toLowerCase().endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => bytes.destroy(error));
  const drafts: { rater: string; rated: string; value: number; time: number }[] = [];
  let split: ((line: string) => readonly string[]) | null = null;
  let columns: Columns = positional;
  let number = 0;
  for await (const raw of linesOf(bytes, file)) {
    number += 1;
    const line = (number === 1 ? raw.replace(/^\uFEFF/, '') : raw).trim();
    if (line === '' || line.startsWith('#') || line.startsWith('%')) continue;
    const isFirst = split === null;
    split ??= splitterOf(line, `${file}, line ${number}`);
    const cells = split(line);
    const header = isFirst ? headerOf(cells) : null;
    if (header !== null) {
      columns = header;
      continue;
    }
    drafts.push(draftOf(cells, columns, `${file}, line ${number}`));
  }
  if (drafts.length === 0) throw new RangeError(`${file}: no ratings in it`);
  const unit = unitMs(drafts.reduce((largest, { time }) => Math.max(largest, Math.abs(time)), 0));
  return centred(
    drafts.map(({ rater, rated, value, time }) => ({ rater, rated, value, atMs: Math.floor(time * unit) })),
  ).sort((a, b) => a.atMs - b.atMs);
}

/** Throws RangeError for what cannot be read: no permission, not gzip, cut off. */
async function* linesOf(bytes: Readable, file: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: bytes, crlfDelay: Infinity });
  } catch (error) {
    throw new RangeError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

const separators = [
  [',', /\s*,\s*/],
  ['\t', /\s*\t\s*/],
  [';', /\s*;\s*/],
  [' ', /\s+/],
] as const;

/** By what the first line is divided into four cells or more. */
function splitterOf(line: string, where: string): (line: string) => readonly string[] {
  const found = separators.find(([mark, by]) => line.includes(mark) && cellsOf(line, mark, by).length >= 4);
  if (found === undefined)
    throw new RangeError(
      `${where}: rater, rated, rating and time are expected, separated by commas, semicolons, tabs or spaces`,
    );
  const [mark, by] = found;
  return (text) => withWholeInstants(cellsOf(text, mark, by));
}

const dayAlone = /^(date|\d{4}-\d{2}-\d{2})$/i;
const timeOfDay = /^(time|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)$/i;
const zone = /^(Z|UTC|GMT|[+-]\d{2}:?\d{2})$/;

/** A day, its time and its zone in cells of their own, as spaces make them of `2018-05-01 12:00:00 UTC`, are one instant; so are the names of such columns. */
function withWholeInstants(cells: readonly string[]): readonly string[] {
  const at = cells.findIndex((cell, place) => dayAlone.test(cell) && timeOfDay.test(cells[place + 1] ?? ''));
  if (at < 0) return cells;
  const count = zone.test(cells[at + 2] ?? '') ? 3 : 2;
  const isName = !calendar.test(cells[at] ?? '');
  const whole = isName ? 'time' : cells.slice(at, at + count).join(' ');
  return [...cells.slice(0, at), whole, ...cells.slice(at + count)];
}

function cellsOf(line: string, mark: string, by: RegExp): readonly string[] {
  if (!line.includes('"')) return line.split(by);
  const cells: string[] = [];
  let isOpen = false;
  for (const part of line.split(by)) {
    if (isOpen) cells.push(`${cells.pop() ?? ''}${mark}${part}`);
    else cells.push(part);
    // Between quotes a separator is a part of the cell; a doubled quote opens and closes.
    isOpen = (cells.at(-1)?.split('"').length ?? 1) % 2 === 0;
  }
  return cells.map((cell) => (/^".*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

const isNumber = (cell: string | undefined): boolean =>
  cell !== undefined && cell !== '' && Number.isFinite(Number(cell));

/** Null where the line is one of ratings already, be it a broken one: names of columns are no numbers and no instants. */
function headerOf(cells: readonly string[]): Columns | null {
  if (cells.some((cell) => isNumber(cell) || calendar.test(cell))) return null;
  const placeOf = (column: keyof Columns): number => {
    const place = cells.findIndex((cell) => columnNames[column].test(cell));
    return place < 0 ? positional[column] : place;
  };
  return { rater: placeOf('rater'), rated: placeOf('rated'), rating: placeOf('rating'), time: placeOf('time') };
}

function draftOf(cells: readonly string[], columns: Columns, where: string): Omit<Rating, 'atMs'> & { time: number } {
  const [rater, rated] = [cells[columns.rater] ?? '', cells[columns.rated] ?? ''];
  const [rating = '', time = ''] = [cells[columns.rating], cells[columns.time]];
  if (rater === '' || rated === '')
    throw new RangeError(`${where}: ${rater === '' ? 'who rated' : 'who was rated'} is missing`);
  const value = rating === '' ? NaN : Number(rating);
  if (!Number.isFinite(value)) throw new RangeError(`${where}: the rating is no number`);
  const instant = timeOf(time);
  if (!Number.isFinite(instant) || instant < 0)
    throw new RangeError(
      `${where}: the time is neither seconds, milliseconds, microseconds or nanoseconds since 1970, nor an instant like 2024-01-31T12:00:00Z`,
    );
  return { rater, rated, value, time: instant };
}

/** What begins like ISO 8601; other texts may pass for dates with V8 ("item 5" is in May 2001). */
const calendar = /^\d{4}-\d{2}(-\d{2}|$)/;
const timeWithoutZone = /\d:\d{2}(:\d{2}(\.\d+)?)?$/;

/** A number as it is; an instant of the calendar in seconds. */
function timeOf(text: string): number {
  if (isNumber(text)) return Number(text);
  if (!calendar.test(text)) return NaN;
  const isLocal = timeWithoutZone.test(text) && !/[+-]\d{2}:\d{2}$/.test(text);
  return Date.parse(isLocal ? `${text}Z` : text) / 1000;
}

/** Milliseconds of one unit of the times, told by the largest: seconds reach the year 5138 below 1e11. */
const unitMs = (largest: number): number =>
  largest > 1e17 ? 1e-6 : largest > 1e14 ? 0.001 : largest > 1e11 ? 1 : 1000;

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
