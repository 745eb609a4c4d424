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

/** A line as it is read, before the file's scale and unit of time are known. */
type Draft = Omit<Rating, 'atMs'> & { readonly time: number; readonly line: number };
type Splitter = (line: string) => readonly string[];

/** What the columns are, by place. */
interface Columns {
  readonly rater: number;
  readonly rated: number;
  readonly rating: number;
  readonly time: number;
}
const positional: Columns = { rater: 0, rated: 1, rating: 2, time: 3 };
const columnNames: { readonly [C in keyof Columns]: RegExp } = {
  rater: /^(rater|source|from|src|user|voter|truster|reviewer)(_?id)?$/i,
  rated: /^(rated|ratee|target|to|dst|item|votee|trustee|product|movie)(_?id)?$/i,
  rating: /^(rating|value|weight|score|vote|sign|stars)$/i,
  time: /^(time|timestamp|unix_?time|date|at|datetime)$/i,
};

/**
 * Lines of rater, rated, rating and time, in the order of time; ratings from -1 to 1, `true` and `false` the ends of that. Separated by commas, semicolons, tabs or spaces; plain or gzip; with or
 * without a header, whose names then say which column is which (where none of them is known, the first four are it); cells may be quoted (RFC 4180, but for line breaks). Times are in seconds, milliseconds, microseconds or nanoseconds
 * since 1970 (by their size), or ISO 8601, in UTC unless they say otherwise. Lines that begin with # or % are comments. Throws RangeError naming file, line and column.
 */
export async function readRatings(file: string): Promise<readonly Rating[]> {
  const source = createReadStream(file);
  const bytes = file.toLowerCase().endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => bytes.destroy(error));
  const drafts: Draft[] = [];
  let split: Splitter | null = null;
  let columns: Columns = positional;
  let heading: readonly string[] | null = null;
  let number = 0;
  for await (const raw of linesOf(bytes, file)) {
    number += 1;
    // A tab at the beginning is an empty cell.
    const line = (number === 1 ? raw.replace(/^\uFEFF/, '') : raw).replace(/^ +/, '').trimEnd();
    if (line === '' || line.startsWith('#') || line.startsWith('%')) continue;
    const where = `${file}, line ${number}`;
    const isFirst = split === null;
    split ??= splitterOf(line, where);
    const cells = split(line);
    if (isFirst && isHeader(cells)) {
      columns = columnsOf(cells, where);
      heading = cells;
      continue;
    }
    if (heading !== null && drafts.length === 0) refuseShifted(cells, heading, where);
    drafts.push({ ...draftOf(cells, columns, where), line: number });
  }
  if (drafts.length === 0) throw new RangeError(`${file}: no ratings in it`);
  const unit = unitMs(drafts.reduce((largest, { time }) => Math.max(largest, time), 0));
  refuseMixedUnits(drafts, unit, file);
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
function splitterOf(line: string, where: string): Splitter {
  const found = separators.find(([mark, by]) => line.includes(mark) && cellsOf(line, mark, by).length >= 4);
  if (found === undefined)
    throw new RangeError(
      `${where}: rater, rated, rating and time are expected, separated by commas, semicolons, tabs or spaces`,
    );
  const [mark, by] = found;
  return (text) => withWholeInstants(cellsOf(mark === '\t' ? text : text.trimStart(), mark, by));
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

/** Otherwise the line is one of ratings already, be it a broken one: names of columns are no numbers and no instants. */
const isHeader = (cells: readonly string[]): boolean => !cells.some((cell) => isNumber(cell) || calendar.test(cell));

/**
 * Which column is which by its name. Columns with names of their own are told by their places where that leaves no doubt: the names that are known stand at the first four
 * places as they do without a header, or just as many columns are left as are wanted. Throws RangeError where it does: a number of the line would pass for somebody.
 */
function columnsOf(cells: readonly string[], where: string): Columns {
  const wanted = Object.keys(columnNames) as (keyof Columns)[];
  const named = new Map(
    wanted
      .map((column) => [column, cells.findIndex((cell) => columnNames[column].test(cell))] as const)
      .filter(([, place]) => place >= 0),
  );
  const missing = wanted.filter((column) => !named.has(column));
  const taken = new Set(named.values());
  const left = [...cells.keys()].filter((place) => !taken.has(place));
  const isInPlace = [...named].every(([column, place]) => positional[column] === place);
  if (missing.length > 0 && !isInPlace && left.length !== missing.length)
    throw new RangeError(
      `${where}: of the columns ${cells.join(', ')}, which is ${missing.join(' and which is ')}? Name them rater, rated, rating and time`,
    );
  const placeOf = (column: keyof Columns): number =>
    named.get(column) ?? (isInPlace ? positional[column] : (left[missing.indexOf(column)] as number));
  return { rater: placeOf('rater'), rated: placeOf('rated'), rating: placeOf('rating'), time: placeOf('time') };
}

/** Throws RangeError where the lines have a column more than their header, as R and others write the numbers of lines: every cell would be taken for its neighbour. */
function refuseShifted(cells: readonly string[], heading: readonly string[], where: string): void {
  const count = cells.findLastIndex((cell) => cell !== '') + 1;
  if (count > heading.length)
    throw new RangeError(
      `${where}: ${count} cells under a header of ${heading.length} columns (${heading.join(', ')}): each column needs a name`,
    );
}

/** Ratings that are no numbers. */
const signs: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', -1],
]);

function draftOf(cells: readonly string[], columns: Columns, where: string): Omit<Draft, 'line'> {
  const [rater, rated] = [cells[columns.rater] ?? '', cells[columns.rated] ?? ''];
  const [rating = '', time = ''] = [cells[columns.rating], cells[columns.time]];
  if (rater === '' || rated === '')
    throw new RangeError(`${where}: ${rater === '' ? 'who rated' : 'who was rated'} is missing`);
  const value = rating === '' ? NaN : Number(signs.get(rating.toLowerCase()) ?? rating);
  if (!Number.isFinite(value)) throw new RangeError(`${where}: the rating is neither a number nor true or false`);
  const instant = timeOf(time);
  if (!(instant >= 0 && instant <= instantMax))
    throw new RangeError(
      `${where}: the time is neither seconds, milliseconds, microseconds or nanoseconds since 1970, nor an instant like 2024-01-31T12:00:00Z`,
    );
  return { rater, rated, value, time: instant };
}

/** Nanoseconds to the last instant that a date can be. */
const instantMax = 8.64e21;

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

/** Times of a file that begins in 1970 fill the units; between seconds and milliseconds of the same years there is nothing. */
const unitsApart = 100;

/** Throws RangeError where some lines' times are of a smaller unit's size and none is in between: they would be in 1970. */
function refuseMixedUnits(drafts: readonly Draft[], unit: number, file: string): void {
  const others = drafts.filter(({ time }) => time > 0 && unitMs(time) !== unit);
  const [first] = others;
  if (first === undefined) return;
  const most = others.reduce((largest, { time }) => Math.max(largest, time), 0);
  const ofUnit = drafts.filter(({ time }) => unitMs(time) === unit);
  const least = ofUnit.reduce((smallest, { time }) => Math.min(smallest, time), Infinity);
  if (least < unitsApart * most) return;
  throw new RangeError(
    `${file}, line ${first.line}: the time ${first.time} is in another unit than ${ofUnit[0]?.time ?? ''} in line ${ofUnit[0]?.line ?? ''}: all times of a file must be in one`,
  );
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
