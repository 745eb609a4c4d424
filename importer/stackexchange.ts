import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { ImportHeader, ImportLineInput } from '../schema/import/line.ts';
import { pointsLines } from './stackexchange-points.ts';

type Row = Readonly<Record<string, string>>;

/** What a Stack Exchange community becomes. `skipped` counts rows that have no counterpart here, by reason. */
export interface Conversion {
  readonly header: ImportHeader;
  readonly lines: readonly ImportLineInput[];
  readonly skipped: Readonly<Record<string, number>>;
}

const dimensionsShown = ['QUALITY', 'COLLABORATION', 'COMMUNITY', 'MENTORSHIP', 'INNOVATION'] as const;
const badgeTiers: Readonly<Record<string, 'GOLD' | 'SILVER' | 'BRONZE'>> = {
  '1': 'GOLD',
  '2': 'SILVER',
  '3': 'BRONZE',
};
/** Post types: questions and answers are members' work, 4 and 5 are the wiki pages of a tag. */
const postKinds: Readonly<Record<string, 'DATA' | 'META' | 'COMPOSITE'>> = {
  '1': 'DATA',
  '2': 'META',
  '4': 'COMPOSITE',
  '5': 'COMPOSITE',
};

const user = (id: string): string => `user-${id}`;
const post = (id: string): string => `post-${id}`;
const member = (id: string): { by?: string } => (id === '' ? {} : { by: user(id) });
const instant = (text: string): string => (text.endsWith('Z') ? text : `${text}Z`);
/** Votes carry whole days: they are placed at the day's end, when what they judge is sure to exist. */
const endOfDay = (text: string): string => `${text.slice(0, 10)}T23:59:59.999Z`;
const tagsOf = (text: string): string[] => [...text.matchAll(/<([^>]+)>/g)].map((match) => match[1] as string);

function readCsv(directory: string, name: string): Row[] {
  return parse(readFileSync(join(directory, name)), { columns: true, skip_empty_lines: true });
}

/**
 * Turns the tables of a Stack Exchange data dump (users, posts, votes, comments, badges and, where it is there, postlinks as CSV, without names and texts) into an
 * import, ordered by time: people → creators, posts → artifacts, an answer is derived from its question and a question from those that it links to as it is asked, votes → judgements by anonymous members, acceptance →
 * acceptance and mentorship, favourites → follows, edits and comments → contributions, and so collaborations, badges → badges, bounties and
 * the network's bonus → attested points.
 */
export function convertStackExchange(directory: string, community: string): Conversion {
  const posts = readCsv(directory, 'posts.csv');
  const byId = new Map(posts.map((row) => [row['Id'] as string, row]));
  const earliest = earliestPosts(posts);
  const skipped: Record<string, number> = {};
  const skip = (reason: string): readonly ImportLineInput[] => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
    return [];
  };
  const users = readCsv(directory, 'users.csv');
  const votes = readCsv(directory, 'votes.csv');
  const cited = citations(
    existsSync(join(directory, 'postlinks.csv')) ? readCsv(directory, 'postlinks.csv') : [],
    byId,
  );
  const lines = [
    ...users.flatMap((row) => fromUser(row, earliest)),
    ...posts.flatMap((row) => fromPost(row, cited.get(row['Id'] as string) ?? [])),
    ...commonSpace(),
    ...voteLines(votes, byId, skip),
    ...pointsLines({ users, posts, votes }, { reference: user, at: endOfDay }),
    ...readCsv(directory, 'comments.csv').map(fromComment),
    ...readCsv(directory, 'badges.csv').map(fromBadge),
  ];
  const rank: Readonly<Record<string, number>> = { 'creator.register': 0, 'space.create': 1, 'artifact.publish': 2 };
  const order = (entry: ImportLineInput): number => rank[entry.do] ?? 3;
  const sorted = lines
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => compare(a.entry.at, b.entry.at) || order(a.entry) - order(b.entry) || a.index - b.index);
  return {
    header: { format: 1, community, source: 'Stack Exchange data dump, CC BY-SA 3.0' },
    lines: sorted.map(({ entry }) => entry),
    skipped,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** When each owner's first post was made. A question that was migrated from another site is older than its asker's account here. */
function earliestPosts(posts: readonly Row[]): ReadonlyMap<string, string> {
  const earliest = new Map<string, string>();
  for (const { OwnerUserId: owner = '', CreationDate: at = '' } of posts) {
    if (at < (earliest.get(owner) ?? '9')) earliest.set(owner, at);
  }
  return earliest;
}

function fromUser(row: Row, earliest: ReadonlyMap<string, string>): ImportLineInput[] {
  const id = row['Id'] as string;
  return [
    {
      id: user(id),
      at: instant([row['CreationDate'] as string, earliest.get(id) ?? '9'].toSorted()[0] as string),
      do: 'creator.register',
      creator: user(id),
      username: id === '-1' ? 'community' : `member-${id}`,
      displayName: id === '-1' ? 'Community' : `Member ${id}`,
      publicMetrics: [...dimensionsShown],
    },
  ];
}

/** The only thing that the dump does not have: a place to talk, founded by the community's own account. */
function commonSpace(): ImportLineInput[] {
  return [
    {
      id: 'space-commons',
      at: '2018-03-09T18:48:09.478Z',
      do: 'space.create',
      by: user('-1'),
      space: 'commons',
      name: 'Commons',
      description: 'Where everybody meets.',
      kind: 'SOCIAL',
      capacity: 10_000,
    },
  ];
}

/** A link is in the table within seconds when it was in the text from the start. Later ones may be anybody's: an editor's, a commenter's. */
const citedWithinMs = 10_000;
const citationsMax = 16;

/** The questions that each question linked to as it was asked: what its author says that it builds on. */
function citations(links: readonly Row[], posts: ReadonlyMap<string, Row>): ReadonlyMap<string, readonly string[]> {
  const cited = new Map<string, readonly string[]>();
  for (const { PostId: from = '', RelatedPostId: to = '', LinkTypeId: type, CreationDate: at = '' } of links) {
    const [citing, older] = [posts.get(from), posts.get(to)];
    if (type !== '1' || citing?.['PostTypeId'] !== '1' || older === undefined) continue;
    const askedMs = Date.parse(instant(citing['CreationDate'] as string));
    if (Date.parse(instant(at)) - askedMs > citedWithinMs) continue;
    if (Date.parse(instant(older['CreationDate'] as string)) >= askedMs) continue;
    cited.set(from, [...new Set([...(cited.get(from) ?? []), to])].slice(0, citationsMax));
  }
  return cited;
}

function fromPost(row: Row, cited: readonly string[]): ImportLineInput[] {
  const id = row['Id'] as string;
  const owner = row['OwnerUserId'] as string;
  const isAnswer = row['PostTypeId'] === '2';
  const published: ImportLineInput = {
    id: post(id),
    at: instant(row['CreationDate'] as string),
    do: 'artifact.publish',
    ...member(owner),
    artifact: post(id),
    title: isAnswer
      ? `Answer ${id} to question ${row['ParentId'] ?? ''}`
      : row['PostTypeId'] === '1'
        ? `Question ${id}`
        : `Tag wiki ${id}`,
    kind: postKinds[row['PostTypeId'] as string] ?? 'COMPOSITE',
    tags: tagsOf(row['Tags'] as string),
    derivedFrom: isAnswer ? [post(row['ParentId'] as string)] : cited.map(post),
  };
  const editor = row['LastEditorUserId'] as string;
  if (editor === '' || row['LastEditDate'] === '') return [published];
  const at = instant(row['LastEditDate'] as string);
  const edited: ImportLineInput =
    editor === owner
      ? { id: `edit-${id}`, at, do: 'artifact.revise', by: user(editor), artifact: post(id), note: 'edited' }
      : {
          id: `edit-${id}`,
          at,
          do: 'artifact.contribute',
          by: user(editor),
          artifact: post(id),
          contribution: 'EDIT',
          merged: true,
        };
  return [published, edited];
}

function voteLines(
  votes: readonly Row[],
  posts: ReadonlyMap<string, Row>,
  skip: (reason: string) => readonly ImportLineInput[],
): ImportLineInput[] {
  const followed = new Set<string>();
  const taught = new Set<string>();
  return votes.flatMap((row) => {
    const target = posts.get(row['PostId'] as string);
    const base = { id: `vote-${row['Id'] ?? ''}`, at: endOfDay(row['CreationDate'] as string) };
    const artifact = post(row['PostId'] as string);
    switch (row['VoteTypeId']) {
      case '1':
        return accepted(base, artifact, target, posts, taught);
      case '2':
        return [{ ...base, do: 'artifact.judge', artifact, polarity: 1 }];
      case '3':
        return [{ ...base, do: 'artifact.judge', artifact, polarity: -1 }];
      case '5': {
        const [fan, author] = [row['UserId'] as string, target?.['OwnerUserId'] ?? ''];
        if (author === '') return skip('favourite of a post that is not there');
        if (fan === author || followed.has(`${fan} ${author}`))
          return skip('favourite of one’s own or of an author who is followed already');
        followed.add(`${fan} ${author}`);
        return [{ ...base, do: 'relationship.follow', by: user(fan), creator: user(author) }];
      }
      case '8':
      case '9':
      case '16':
        return skip('bounty or approved edit: attested as points');
      default:
        return skip(`vote of type ${row['VoteTypeId'] ?? ''} (moderation)`);
    }
  });
}

/** Whoever asked accepted the answer: it taught them something. The community attests the mentorship, once per pair. */
function accepted(
  base: { id: string; at: string },
  artifact: string,
  target: Row | undefined,
  posts: ReadonlyMap<string, Row>,
  taught: Set<string>,
): ImportLineInput[] {
  const asker = posts.get(target?.['ParentId'] ?? '')?.['OwnerUserId'] ?? '';
  const acceptance: ImportLineInput = { ...base, do: 'artifact.accept', ...member(asker), artifact };
  const author = target?.['OwnerUserId'] ?? '';
  if (asker === '' || author === '' || asker === author || taught.has(`${author} ${asker}`)) return [acceptance];
  taught.add(`${author} ${asker}`);
  const topic = tagsOf(posts.get(target?.['ParentId'] ?? '')?.['Tags'] ?? '')[0] ?? '';
  return [
    acceptance,
    {
      ...base,
      id: `${base.id}-mentorship`,
      do: 'relationship.mentor',
      mentor: user(author),
      mentee: user(asker),
      topic,
    },
  ];
}

/** Whoever comments works with the author: the platform's own command says so. */
function fromComment(row: Row): ImportLineInput {
  return {
    id: `comment-${row['Id'] ?? ''}`,
    at: instant(row['CreationDate'] as string),
    do: 'artifact.contribute',
    ...member(row['UserId'] as string),
    artifact: post(row['PostId'] as string),
    contribution: 'COMMENT',
    merged: false,
  };
}

function fromBadge(row: Row): ImportLineInput {
  return {
    id: `badge-${row['Id'] ?? ''}`,
    at: instant(row['Date'] as string),
    do: 'creator.award-badge',
    creator: user(row['UserId'] as string),
    badge: row['Name'] as string,
    tier: badgeTiers[row['Class'] as string] ?? 'BRONZE',
    ...(row['TagBased'] === 'True' ? { about: row['Name'] as string } : {}),
  };
}
