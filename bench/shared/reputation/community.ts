import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { associated, pointsActs } from '../../../importer/stackexchange-points.ts';
import { pointsOf, replayPoints } from '../../../schema/reputation/stackexchange-2018.ts';

type Row = Readonly<Record<string, string>>;

const files = ['users.csv', 'posts.csv', 'votes.csv'] as const;
const isDump = (folder: string): boolean => files.every((name) => existsSync(join(folder, name)));

/** The folder itself, and folders in it, that hold a dump of a Stack Exchange community (users.csv, posts.csv, votes.csv). */
export function communityFolders(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [];
  const inside = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [path, ...inside.map(({ name }) => join(path, name)).sort()].filter(isDump);
}

/** How near the community's own rules of 2018, replayed over what happened, come to the reputations that it recorded. Throws RangeError for a dump without votes. */
export function compareWithRecorded(folder: string): string {
  const read = (name: (typeof files)[number]): Row[] =>
    parse(readFileSync(join(folder, name)), { columns: true, skip_empty_lines: true });
  const [users, posts, votes] = [read('users.csv'), read('posts.csv'), read('votes.csv')];
  if (votes.length === 0) throw new RangeError('votes.csv holds no votes');
  const acts = pointsActs(posts, votes);
  const bonus = new Set(associated(users, acts));
  const members = users.map(({ Id: id = '', Reputation: recorded = '' }) => {
    const { points } = replayPoints(acts.get(id) ?? []);
    return {
      earned: points - 1,
      points: points + (bonus.has(id) ? pointsOf.ASSOCIATION : 0),
      recorded: Number(recorded),
    };
  });
  const active = members.filter(({ earned }) => earned > 20);
  const near = active.filter(({ points, recorded }) => Math.abs(points - recorded) <= 0.02 * recorded).length;
  const exact = active.filter(({ points, recorded }) => points === recorded).length;
  const percent = (count: number): string => `${((100 * count) / Math.max(1, active.length)).toFixed(1)} %`;
  return `${folder}: the rules of 2018 over its ${votes.length} votes: of ${active.length} members who earned more than 20 points, ${near} (${percent(near)}) come within 2 % of what the community recorded, ${exact} exactly`;
}
