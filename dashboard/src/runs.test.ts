import { expect, test } from '@jest/globals';
import { runsOf } from './runs.ts';

const day = (text: string) => ({ start: `${text}T00:00:00.000Z` });

test('points are parted at long gaps only, the longest run first', () => {
  const imported = ['2018-03-09', '2018-03-10', '2018-03-12', '2018-03-13'].map(day);
  const live = ['2026-11-23', '2026-11-24'].map(day);
  expect(runsOf([...imported, ...live])).toEqual([
    { name: '2018-03-09 to 2018-03-13', points: imported },
    { name: '2026-11-23 to 2026-11-24', points: live },
  ]);
  expect(runsOf([])).toEqual([]);
  expect(runsOf(live.slice(0, 1)).map((run) => run.points.length)).toEqual([1]);
});
