import { type Relationship, relationshipId } from '../../shared/collaboration.ts';
import type { CanonEvent } from '../../../schema/events/envelope.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { type BlockEffect, decideBlock } from '../domain/block.ts';
import { decideEnd } from '../domain/pair.ts';
import { type RelationshipAnswer, readPair } from './relationship.ts';

export interface BlockInput {
  readonly creatorId: string;
}

/** The actor blocks a creator. Follows in both directions end with it, each as an event that names the block as its cause. */
export async function block(
  context: CommandContext,
  { creatorId }: BlockInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const relationship: Relationship = { type: 'BLOCKS', fromId: context.actor.id, toId: creatorId };
  const [outward, inward] = await context.tx.edges('FOLLOWS', [
    { from: context.actor.id, to: creatorId },
    { from: creatorId, to: context.actor.id },
  ]);
  const decision = decideBlock({
    ...(await readPair(context, relationship)),
    isFollowing: Boolean(outward),
    isFollowed: Boolean(inward),
  });
  if (!decision.ok) return decision;
  const events: CanonEvent[] = [];
  for (const effect of decision.value) events.push(await apply(context, { effect, creatorId, cause: events[0]?.id }));
  return accepted({ creatorId }, events);
}

async function apply(
  context: CommandContext,
  { effect, creatorId, cause }: { effect: BlockEffect; creatorId: string; cause: string | undefined },
): Promise<CanonEvent> {
  const ends = [context.actor.id, creatorId] as const;
  const [fromId, toId] = effect.direction === 'OUT' ? ends : ([ends[1], ends[0]] as const);
  const payload = { fromId, toId };
  if (effect.change === 'BLOCKED') {
    await context.tx.link({ type: 'BLOCKS', from: fromId, to: toId, props: { since: context.nowIso } });
    return record(context, {
      type: 'relationship.blocked',
      entityId: relationshipId({ type: 'BLOCKS', ...payload }),
      payload,
    });
  }
  await context.tx.unlink({ type: 'FOLLOWS', from: fromId, to: toId });
  return record(context, {
    type: 'relationship.unfollowed',
    entityId: relationshipId({ type: 'FOLLOWS', ...payload }),
    payload,
    causedBy: cause === undefined ? [] : [cause],
  });
}

/** The actor lifts a block. */
export async function unblock(
  context: CommandContext,
  { creatorId: toId }: BlockInput,
): Promise<CommandResult<RelationshipAnswer>> {
  const fromId = context.actor.id;
  const relationship: Relationship = { type: 'BLOCKS', fromId, toId };
  const decision = decideEnd(await readPair(context, relationship), {
    field: 'creatorId',
    repeated: 'you do not block this creator',
  });
  if (!decision.ok) return decision;
  await context.tx.unlink({ type: 'BLOCKS', from: fromId, to: toId });
  const event = await record(context, {
    type: 'relationship.unblocked',
    entityId: relationshipId(relationship),
    payload: { fromId, toId },
  });
  return accepted({ creatorId: toId }, [event]);
}
