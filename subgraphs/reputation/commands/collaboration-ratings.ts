import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { NodeProps } from '../../../schema/graph/catalogue.ts';
import type { GivenEvidence } from '../../../schema/reputation/evidence.ts';
import { rules } from '../../../schema/reputation/rules.ts';
import { topics } from '../../../schema/topics.ts';
import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { userError } from '../../shared/errors.ts';
import { type Rating, decideRating, roundLimits, shareOf, waiting } from '../domain/collaboration-round.ts';

interface RatingAnswer {
  readonly isPublished: boolean;
  /** By when the partner may rate too; null where both have. */
  readonly dueAt: string | null;
}

const roundId = (a: string, b: string): string => `round|${[a, b].sort().join('|')}`;

/** Says how it was to work with somebody. What was said is in no event and no answer before it is published. */
export async function rateCollaboration(
  context: CommandContext,
  { creatorId, rating }: { readonly creatorId: string; readonly rating: number },
): Promise<CommandResult<RatingAnswer>> {
  const { tx, actor, nowIso } = context;
  const problem = await problemOf(context, creatorId);
  if (problem) return refused(problem);
  const id = roundId(actor.id, creatorId);
  const [round] = await tx.get('CollaborationRound', [id]);
  const decision = decideRating(round?.props ?? null, { actorId: actor.id, partnerId: creatorId, rating, nowIso });
  if (decision.kind === 'refuse') return refused(decision.error);
  if (decision.kind === 'publish' && round != null) {
    const event = await publish(context, round, decision.ratings);
    return accepted({ isPublished: true, dueAt: null }, [event]);
  }
  const dueAt = new Date(Date.parse(nowIso) + roundLimits.openMs).toISOString();
  await tx.put({
    type: 'CollaborationRound',
    id,
    expectedVersion: round?.version ?? 0,
    props: { raterId: actor.id, partnerId: creatorId, rating, openedAt: nowIso, dueAt, publishedAt: '', isOpen: 1 },
  });
  const event = await record(context, {
    type: 'reputation.collaboration-rating-opened',
    entityId: id,
    payload: { creatorIds: [actor.id, creatorId], dueAt },
  });
  return accepted({ isPublished: false, dueAt }, [event]);
}

async function problemOf(
  { tx, actor }: CommandContext,
  creatorId: string,
): Promise<ReturnType<typeof userError> | null> {
  const at = ['input', 'creatorId'] as const;
  if (creatorId === actor.id) return userError('SELF_REFERENCE', 'nobody rates themselves', ...at);
  const [partner] = await tx.get('Creator', [creatorId]);
  if (partner == null) return userError('NOT_FOUND', `there is no creator ${creatorId}`, ...at);
  if (partner.props.state === 'ARCHIVED' || partner.props.state === 'MIGRATED')
    return userError('INVALID', 'this account is closed', ...at);
  const blocks = await tx.edges('BLOCKS', [
    { from: actor.id, to: creatorId },
    { from: creatorId, to: actor.id },
  ]);
  if (blocks.some((edge) => edge !== null)) return userError('BLOCKED', 'a block stands between you', ...at);
  const [from = '', to = ''] = [actor.id, creatorId].sort();
  const [shared] = await tx.edges('COLLABORATES_WITH', [{ from, to }]);
  return shared == null ? userError('INVALID', 'you have not worked on anything together', ...at) : null;
}

/** Publishes a round whose time is over with the one rating that it has. False where it was published meanwhile. */
export async function publishDue(context: CommandContext, id: string): Promise<boolean> {
  const [round] = await context.tx.get('CollaborationRound', [id]);
  if (round == null || round.props.isOpen === 0 || context.nowIso < round.props.dueAt) return false;
  await publish(context, round, waiting(round.props));
  return true;
}

/** In one commit: the fact for everybody, and what was said for the log of evidence alone, which tells nobody who rated negatively. */
async function publish(
  context: CommandContext,
  round: GraphNode<'CollaborationRound'>,
  ratings: readonly Rating[],
): ReturnType<typeof record> {
  const { tx, nowIso } = context;
  const props: NodeProps['CollaborationRound'] = { ...round.props, rating: 0, publishedAt: nowIso, isOpen: 0 };
  await tx.put({ type: 'CollaborationRound', id: round.id, expectedVersion: round.version, props });
  const event = await record(context, {
    type: 'reputation.collaboration-rated',
    entityId: round.id,
    payload: { creatorIds: [round.props.raterId, round.props.partnerId] },
  });
  const evidence = ratings
    .filter(({ rating }) => shareOf(rating) !== 0)
    .map(({ source, target, rating }): GivenEvidence => ({
      kind: 'GIVEN',
      eventId: event.id,
      rule: 'RATED_BY_PARTNER',
      target,
      dimension: 'COLLABORATION',
      source,
      sourceKind: 'CREATOR',
      weight: rules.RATED_BY_PARTNER.weights.COLLABORATION * shareOf(rating),
      statement: null,
      isAnonymous: false,
      refusal: null,
      clock: 'live',
      atMs: Date.parse(nowIso),
    }));
  await tx.append(
    evidence.map((piece) => ({
      topic: topics.reputationEvidence.name,
      key: piece.target,
      id: `${piece.eventId}|${piece.target}`,
      value: JSON.stringify(piece),
    })),
  );
  return event;
}
