import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportLineInput } from '../schema/import/line.ts';

const at = (minute: number): string => new Date(Date.UTC(2024, 0, 1, 10, minute)).toISOString();

const people = ['ann', 'bob', 'cyd', 'dee', 'eve'];

/** Five people, work that derives from work, judgements, a mentorship, a space; and three lines that cannot be. */
const lines: readonly ImportLineInput[] = [
  ...people.map((name, index): ImportLineInput => ({
    id: `register-${name}`,
    at: at(index),
    do: 'creator.register',
    creator: name,
    username: name,
    displayName: name.toUpperCase(),
    bio: `canary-bio-${name}`,
    skills: index % 2 === 0 ? ['music'] : ['code'],
    publicMetrics: ['QUALITY', 'MENTORSHIP', 'COMMUNITY', 'COLLABORATION', 'INNOVATION'],
  })),
  {
    id: 'song',
    at: at(10),
    do: 'artifact.publish',
    by: 'ann',
    artifact: 'song',
    title: 'canary-title-song',
    kind: 'MEDIA',
    tags: ['music'],
  },
  {
    id: 'remix',
    at: at(11),
    do: 'artifact.publish',
    by: 'bob',
    artifact: 'remix',
    title: 'Remix',
    kind: 'MEDIA',
    derivedFrom: ['song'],
  },
  {
    id: 'cover',
    at: at(12),
    do: 'artifact.publish',
    by: 'cyd',
    artifact: 'cover',
    title: 'Cover',
    kind: 'MEDIA',
    derivedFrom: ['remix'],
  },
  ...[13, 14, 15].map((minute): ImportLineInput => ({
    id: `vote-${minute}`,
    at: at(minute),
    do: 'artifact.judge',
    artifact: 'song',
    polarity: 1,
  })),
  { id: 'accept', at: at(16), do: 'artifact.accept', by: 'ann', artifact: 'remix' },
  { id: 'mentor', at: at(17), do: 'relationship.mentor', mentor: 'ann', mentee: 'bob', topic: 'harmony' },
  { id: 'follow-1', at: at(18), do: 'relationship.follow', by: 'bob', creator: 'ann' },
  { id: 'follow-2', at: at(19), do: 'relationship.follow', by: 'cyd', creator: 'bob' },
  { id: 'together-1', at: at(20), do: 'relationship.collaborate', by: 'ann', with: 'bob', artifact: 'remix' },
  { id: 'together-2', at: at(21), do: 'relationship.collaborate', by: 'bob', with: 'cyd', artifact: 'cover' },
  { id: 'together-3', at: at(22), do: 'relationship.collaborate', by: 'cyd', with: 'dee', artifact: 'cover' },
  { id: 'space', at: at(23), do: 'space.create', by: 'ann', space: 'studio', name: 'Studio', kind: 'SOCIAL' },
  { id: 'post', at: at(24), do: 'space.post', by: 'ann', space: 'studio', post: 'hello', body: 'canary-post-body' },
  { id: 'impossible-vote', at: at(25), do: 'artifact.judge', artifact: 'absent', polarity: 1 },
];

/** Lines that the import counts and puts aside. */
export const refusedLines = 3;
export const acceptedLines = lines.length - 1;

export function writeSmallCommunity(directory: string): string {
  const file = join(directory, 'community.jsonl');
  const header = { format: 1, community: 'test.example' };
  const broken = [
    '{"id":"broken",',
    JSON.stringify({ id: 'early', at: at(0), do: 'space.join', by: 'bob', space: 'studio' }),
  ];
  writeFileSync(
    file,
    [header, ...lines]
      .map((line) => JSON.stringify(line))
      .concat(broken)
      .join('\n'),
  );
  return file;
}
