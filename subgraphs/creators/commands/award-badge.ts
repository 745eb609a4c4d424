import { type CommandContext, type CommandResult, accepted, record, refused } from '../../shared/command.ts';
import { decideBadgeAward } from '../domain/badge.ts';

export interface AwardBadgeInput {
  readonly creatorId: string;
  readonly badge: string;
  readonly tier: 'GOLD' | 'SILVER' | 'BRONZE';
  /** What the badge was given for, in the platform's words; null where that is not told. */
  readonly about: string | null;
}

/** Records a badge that another platform attests. Not a mutation: nobody awards badges to themselves. */
export async function awardBadge(
  context: CommandContext,
  input: AwardBadgeInput,
): Promise<CommandResult<{ readonly awardId: string }>> {
  const { creatorId, badge, tier, about } = input;
  const awardId = context.newId();
  const [creator] = await context.tx.get('Creator', [creatorId]);
  const [head] = await context.tx.get('ChainHead', [`chain|BadgeAward|${awardId}`]);
  const errors = decideBadgeAward(
    { isPlatform: context.actor.source === 'EXTERNAL', isKnown: Boolean(creator), isAwarded: Boolean(head) },
    input,
  );
  if (errors.length > 0) return refused(...errors);
  const event = await record(context, {
    type: 'creator.badge-awarded',
    entityId: awardId,
    payload: { creatorId, badge, tier, about },
  });
  return accepted({ awardId }, [event]);
}
