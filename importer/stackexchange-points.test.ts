import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { pointsOf, replayPoints } from '../schema/reputation/stackexchange-2018.ts';
import { associated, pointsActs } from './stackexchange-points.ts';

type Row = Readonly<Record<string, string>>;

const read = (name: string): Row[] =>
  parse(readFileSync(join(import.meta.dirname, '../demo', name)), { columns: true, skip_empty_lines: true });

// Goal: the community's own rules, replayed over what happened, give the reputations that the community recorded.
describe('the rules of 2018 over the demo community', () => {
  const users = read('users.csv');
  const posts = read('posts.csv');
  const acts = pointsActs(posts, read('votes.csv'));
  const bonus = new Set(associated(users, acts));
  const owners = new Set(posts.map((row) => row['OwnerUserId']));
  const replayed = users.map(({ Id: id = '', Reputation: recorded = '' }) => ({
    id,
    recorded: Number(recorded),
    points: replayPoints(acts.get(id) ?? []).points + (bonus.has(id) ? pointsOf.ASSOCIATION : 0),
  }));
  const near = (found: readonly (typeof replayed)[number][]): number =>
    found.filter(({ recorded, points }) => Math.abs(points - recorded) <= 0.02 * recorded).length;

  test('of the active members with more than 20 points, 11 in 12 come within 2 %', () => {
    // Active: has a post, and more than the 1 or 101 points of whoever only joined.
    const active = replayed.filter(({ id, recorded }) => owners.has(id) && recorded > 20 && recorded !== 101);
    const exact = active.filter(({ recorded, points }) => recorded === points).length;
    expect({ members: active.length, within2Percent: near(active), exact }).toMatchInlineSnapshot(`
      {
        "exact": 237,
        "members": 320,
        "within2Percent": 296,
      }
    `);
    expect(near(active) / active.length).toBeGreaterThanOrEqual(264 / 288);
  });

  test('whoever only joined has what joining gives', () => {
    const silent = replayed.filter(({ id }) => !acts.has(id) && id !== '-1');
    expect(silent.length).toBeGreaterThan(2_500);
    expect(near(silent) / silent.length).toBeGreaterThan(0.98);
  });
});
