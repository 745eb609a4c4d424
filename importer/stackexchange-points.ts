import { type PointsAct, type PointsReason, pointsOf, replayPoints } from '../schema/reputation/stackexchange-2018.ts';
import type { ImportLineInput } from '../schema/import/line.ts';

type Row = Readonly<Record<string, string>>;

/** Members of one line: its event stays well below the size of an event. */
const membersMax = 500;

/**
 * What gave or took points in a Stack Exchange dump, by its users' ids: votes, acceptances, bounties and approved suggestions of edits. The dump tells that a
 * suggestion was approved, not whose it was: it is taken for the last editor's.
 */
export function pointsActs(posts: readonly Row[], votes: readonly Row[]): ReadonlyMap<string, readonly PointsAct[]> {
  const byId = new Map(posts.map((row) => [row['Id'] as string, row]));
  const acts = new Map<string, PointsAct[]>();
  const add = (user: string, act: PointsAct): void => {
    if (user === '') return;
    acts.set(user, [...(acts.get(user) ?? []), act]);
  };
  for (const vote of votes) {
    const post = byId.get(vote['PostId'] as string);
    for (const [user, made] of post === undefined ? [] : fromVote(vote, post, byId)) add(user, made);
  }
  return acts;
}

function act(at: string, reason: Exclude<PointsReason, 'BOUNTY'>, id: string): PointsAct {
  return { day: at.slice(0, 10), reason, points: pointsOf[reason], id };
}

function fromVote(vote: Row, post: Row, posts: ReadonlyMap<string, Row>): (readonly [string, PointsAct])[] {
  const { Id: id = '', CreationDate: at = '', VoteTypeId: type = '' } = vote;
  const { OwnerUserId: owner = '', PostTypeId: kind = '', ParentId: parent = '' } = post;
  const isAnswer = kind === '2';
  if (type === '16') {
    const editor = post['LastEditorUserId'] ?? '';
    return editor === owner ? [] : [[editor, act(at, 'EDIT_TAKEN', id)]];
  }
  if (!isAnswer && kind !== '1') return [];
  switch (type) {
    case '1': {
      const asker = posts.get(parent)?.['OwnerUserId'] ?? '';
      if (asker === owner) return [];
      return [
        [owner, act(at, 'ANSWER_ACCEPTED', id)],
        [asker, act(at, 'ACCEPTED_AN_ANSWER', id)],
      ];
    }
    case '2':
      return [[owner, act(at, isAnswer ? 'ANSWER_APPROVED' : 'QUESTION_APPROVED', id)]];
    case '3':
      return [[owner, act(at, 'WORK_DISAPPROVED', id)]];
    case '8':
    case '9': {
      const amount = Number(vote['BountyAmount']) * (type === '8' ? -1 : 1);
      const user = type === '8' ? (vote['UserId'] ?? '') : owner;
      return [[user, { day: at.slice(0, 10), reason: 'BOUNTY', points: amount, id }]];
    }
    default:
      return [];
  }
}

/**
 * Whom the network gave its bonus for members of other communities. The dump does not say it: whoever's recorded reputation is nearer to what a
 * replay gives with the bonus than without it had it.
 */
export function associated(users: readonly Row[], acts: ReadonlyMap<string, readonly PointsAct[]>): readonly string[] {
  return users.flatMap(({ Id: id = '', Reputation: recorded = '' }) => {
    const { points } = replayPoints(acts.get(id) ?? []);
    const bonus = pointsOf.ASSOCIATION;
    return Math.abs(points + bonus - Number(recorded)) < Math.abs(points - Number(recorded)) ? [id] : [];
  });
}

type Attestation = Extract<ImportLineInput, { do: 'reputation.attest-points' }>;

/** What the ledger of evidence has no place for, as lines in which the community attests it: bounties, approved edits and the network's bonus. */
export function pointsLines(
  tables: { readonly users: readonly Row[]; readonly posts: readonly Row[]; readonly votes: readonly Row[] },
  options: { readonly reference: (id: string) => string; readonly at: (day: string) => string },
): ImportLineInput[] {
  const acts = pointsActs(tables.posts, tables.votes);
  const attested = (user: string, acts: readonly PointsAct[]): Attestation[] =>
    [...Map.groupBy(acts, ({ day, reason }) => `${day} ${reason}`).values()].flatMap(([first, ...more]) => {
      if (first === undefined || (first.reason !== 'BOUNTY' && first.reason !== 'EDIT_TAKEN')) return [];
      const { day, reason, id } = first;
      const points = [first, ...more].reduce((sum, one) => sum + one.points, 0);
      const base = { id: `points-${id}`, at: options.at(day), do: 'reputation.attest-points' } as const;
      return [{ ...base, reason, points, creators: [options.reference(user)] }];
    });
  const ofOne = [...acts].flatMap(([user, made]) => attested(user, made));
  const members = associated(tables.users, acts);
  const newest = tables.users.map((row) => row['CreationDate'] as string).reduce((a, b) => (a > b ? a : b), '');
  const bonuses = Array.from({ length: Math.ceil(members.length / membersMax) }, (_, page): ImportLineInput => ({
    id: `association-${page}`,
    at: options.at(newest),
    do: 'reputation.attest-points',
    reason: 'ASSOCIATION',
    points: pointsOf.ASSOCIATION,
    creators: members.slice(page * membersMax, (page + 1) * membersMax).map(options.reference),
  }));
  return [...ofOne, ...bonuses];
}
