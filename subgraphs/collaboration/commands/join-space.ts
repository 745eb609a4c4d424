import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { decideJoin } from '../domain/membership.ts';
import { newestEvent, readActor, readSpace } from './reading.ts';

export interface JoinSpace {
  readonly spaceId: string;
}

/** Joins an open space as a member. */
export async function joinSpace(
  context: CommandContext,
  input: JoinSpace,
): Promise<CommandResult<{ spaceId: string }>> {
  const { tx, nowIso } = context;
  const { spaceId } = input;
  const actor = await readActor(context, spaceId);
  const decision = decideJoin({
    actor,
    isPlatform: context.actor.source === 'EXTERNAL',
    space: await readSpace(tx, spaceId),
  });
  if (!decision.ok) return decision;
  await tx.link({
    type: 'MEMBER_OF',
    from: actor.id,
    to: spaceId,
    props: { since: nowIso, role: decision.value.role },
  });
  const event = await record(context, {
    type: 'space.member-joined',
    entityId: membershipOf(actor.id, spaceId),
    payload: decision.value,
    causedBy: await newestEvent(tx, 'Space', spaceId),
  });
  return accepted({ spaceId }, [event]);
}
