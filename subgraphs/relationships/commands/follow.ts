import { type Relationship, relationshipId } from '../../shared/collaboration.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decideEnd, decideStart } from '../domain/pair.ts';
import { type RelationshipAnswer, readPair } from './relationship.ts';

export interface FollowInput {
  readonly creatorId: string;
}

function followOf(context: CommandContext, { creatorId }: FollowInput): Relationship {
  return { type: 'FOLLOWS', fromId: context.actor.id, toId: creatorId };
}

/** The actor follows a creator. */
export async function follow(context: CommandContext, input: FollowInput): Promise<CommandResult<RelationshipAnswer>> {
  const relationship = followOf(context, input);
  const { fromId, toId } = relationship;
  const decision = decideStart(await readPair(context, relationship), {
    field: 'creatorId',
    repeated: 'you follow this creator already',
  });
  if (!decision.ok) return decision;
  await context.tx.link({ type: 'FOLLOWS', from: fromId, to: toId, props: { since: context.nowIso } });
  const event = await record(context, {
    type: 'relationship.followed',
    entityId: relationshipId(relationship),
    payload: { fromId, toId },
  });
  return accepted({ creatorId: toId }, [event]);
}

/** The actor no longer follows a creator. */
export async function unfollow(
  context: CommandContext,
  input: FollowInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const relationship = followOf(context, input);
  const { fromId, toId } = relationship;
  const decision = decideEnd(await readPair(context, relationship), {
    field: 'creatorId',
    repeated: 'you do not follow this creator',
  });
  if (!decision.ok) return decision;
  await context.tx.unlink({ type: 'FOLLOWS', from: fromId, to: toId });
  const event = await record(context, {
    type: 'relationship.unfollowed',
    entityId: relationshipId(relationship),
    payload: { fromId, toId },
  });
  return accepted({ creatorId: toId }, [event]);
}
