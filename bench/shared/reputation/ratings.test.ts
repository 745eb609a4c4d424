import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ratingFiles, readRatings } from './ratings.ts';

// Goal: a rating network is read as it comes, and what is wrong with it is told by file, line and column.
const folder = mkdtempSync(join(tmpdir(), 'vcos-test-ratings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const expected = [
  { rater: 'b', rated: 'c', value: -1, atMs: 1_500_000_000_000 },
  { rater: 'a', rated: 'b', value: 0.5, atMs: 1_600_000_000_000 },
];

describe('networks', () => {
  test.each<[string, string]>([
    ['commas', 'a,b,5,1600000000\nb,c,-10,1500000000\n'],
    ['tabs, a header and CRLF', 'rater\trated\trating\ttime\r\na\tb\t5\t1600000000\r\nb\tc\t-10\t1500000000\r\n'],
    ['other columns first', 'time;weight;target;source\n1600000000;5;b;a\n1500000000;-10;c;b\n'],
    ['spaces, comments, milliseconds', '% signed\n# network\na b 5 1600000000000\nb c -10 1500000000000\n'],
    ['microseconds and quotes', '\uFEFF"a","b","5","1600000000000000"\n\n"b","c","-10","1500000000000000"\n'],
    ['nanoseconds', 'a,b,5,1600000000000000000\nb,c,-10,1500000000000000000\n'],
    [
      'quoted separators and quotes',
      '"rater","rated",note,"rating","time"\na,"b","x, ""y""",5,1600000000\n"b","c",,"-10",1500000000\n',
    ],
    ['instants without a zone', 'a,b,5,2020-09-13 12:26:40\nb,c,-10,2017-07-14T02:40:00+00:00\n'],
    ['instants that spaces divide', 'a b 5 2020-09-13 12:26:40\nb c -10 2017-07-14 02:40:00\n'],
    [
      'day, time and zone before the others',
      'date time rater rated rating\n2020-09-13 14:26:40 +02:00 a b 5\n2017-07-14 02:40:00 UTC b c -10\n',
    ],
    [
      'columns of their own for day and time',
      'rater,rated,rating,date,time\na,b,5,2020-09-13,12:26:40\nb,c,-10,2017-07-14,02:40\n',
    ],
    [
      'columns before and between that nobody asks for',
      'id,rater_id,note,ratee_id,score,date\n1,a,x,b,5,1600000000\n2,b,y,c,-10,1500000000\n',
    ],
    ['one column of another name', 'timestamp,user,doctor,stars\n1600000000,a,b,5\n1500000000,b,c,-10\n'],
    [
      'other names and columns behind them',
      'truster,boss,rating,when,note\na,b,5,1600000000,x\nb,c,-10,1500000000,y\n',
    ],
    [
      'a tab before the numbers of lines',
      '\tfrom\tto\trating\ttime\n0\ta\tb\t5\t1600000000\n1\tb\tc\t-10\t1500000000\n',
    ],
    ['instants of the calendar', 'a,b,5,2020-09-13T12:26:40Z\nb,c,-10,2017-07-14T02:40:00Z\n'],
  ])('with %s', async (name, text) => {
    expect(await readRatings(file(`${name}.csv`, text))).toEqual(expected);
  });

  test('ratings may be true or false', async () => {
    const ratings = await readRatings(file('boolean.csv', 'rater,rated,rating,time\na,b,true,1\na,c,False,2\n'));
    expect(ratings.map(({ value }) => value)).toEqual([1, -1]);
  });

  test('compressed', async () => {
    expect(await readRatings(file('x.csv.gz', gzipSync('a,b,5,1600000000\nb,c,-10,1500000000\n')))).toEqual(expected);
  });

  test('milliseconds from zero on are of one unit', async () => {
    const ratings = await readRatings(file('zero.csv', 'a,b,1,0\na,c,-1,90000000000\na,d,1,200000000000\n'));
    expect(ratings.map(({ atMs }) => atMs)).toEqual([0, 90_000_000_000, 200_000_000_000]);
  });

  test('a scale without negative ratings has its middle taken off', async () => {
    const ratings = await readRatings(file('stars.csv', 'a,b,1,1\na,c,3,2\na,d,5,3\n'));
    expect(ratings.map(({ value }) => value)).toEqual([-1, 0, 1]);
  });

  test.each<[string, RegExp]>([
    ['', /no ratings/],
    ['a,b,5\n', /line 1: rater, rated, rating and time/],
    ['a,b,5,1\na,,5,1\n', /line 2: who was rated is missing/],
    ['a,b,5,1\na,b,good,1\n', /line 2: the rating is neither a number nor/],
    ['a,b,5,1\na,b,5,yesterday\n', /line 2: the time is neither/],
    ['a,b,5,1\na,b,5,1e22\n', /line 2: the time is neither/],
    ['a,b,5,1\na,b,5,item 5\n', /line 2: the time is neither/],
    ['a,b,good,1\na,b,5,1\n', /line 1: the rating is neither a number nor/],
    ['a,b,Infinity,2020-09-13\n', /line 1: the rating is neither a number nor/],
    // Numbers of lines, or ids, that would pass for people.
    ['rater rated rating time\n1 7 8 -1 1600000000\n', /line 2: 5 cells under a header of 4 columns/],
    ['id,rater,boss,score,date\n1,7,8,5,1600000000\n', /line 1: of the columns id, .* which is rated\?/],
    ['\tb\t5\t1600000000\n', /line 1: who rated is missing/],
    ['a,b,5,1600000000000\na,b,5,1600000000\n', /line 2: the time 1600000000 is in another unit .* in line 1/],
    ['a,b,5,1600000000000\na,b,5,2020-09-13\n', /line 2: the time 1599955200 is in another unit/],
  ])('%j is refused', async (text, message) => {
    await expect(readRatings(file('bad.csv', text))).rejects.toThrow(message);
  });

  test.each<[string, Buffer]>([
    ['cut off', gzipSync('a,b,5,1\n'.repeat(99)).subarray(0, 30)],
    ['not compressed', Buffer.from('a,b,5,1\n')],
  ])('gzip that is %s is refused by the name of its file', async (_what, bytes) => {
    await expect(readRatings(file('broken.csv.gz', bytes))).rejects.toThrow(/broken\.csv\.gz cannot be read/);
  });

  test('a folder gives its files in order; one without any says what it looked for', () => {
    expect(ratingFiles(folder).map((path) => path.endsWith('.csv') || path.endsWith('.gz'))).not.toContain(false);
    expect(() => ratingFiles(import.meta.dirname)).toThrow(/no file that ends in/);
  });
});
