import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { decideLeave, decideRemove } from '../domain/membership.ts';
import { newestEvent, readActor, readOwnerCount, readRole, readSpace } from './reading.ts';

export interface LeaveSpace {
  readonly spaceId: string;
}

export interface RemoveMember {
  readonly spaceId: string;
  readonly creatorId: string;
}

/** Leaves a space. */
export async function leaveSpace(
  context: CommandContext,
  input: LeaveSpace,
): Promise<CommandResult<{ spaceId: string }>> {
  const { tx } = context;
  const { spaceId } = input;
  const actor = await readActor(context, spaceId);
  const decision = decideLeave({
    actor,
    space: await readSpace(tx, spaceId),
    ownerCount: await readOwnerCount(tx, spaceId),
  });
  return decision.ok ? end(context, decision.value) : decision;
}

/** Removes somebody else from a space. */
export async function removeMember(
  context: CommandContext,
  input: RemoveMember,
): Promise<CommandResult<{ spaceId: string }>> {
  const { tx } = context;
  const { spaceId, creatorId } = input;
  const actor = await readActor(context, spaceId);
  const target = { id: creatorId, role: await readRole(tx, creatorId, spaceId) };
  const decision = decideRemove({
    actor,
    target,
    space: await readSpace(tx, spaceId),
    ownerCount: await readOwnerCount(tx, spaceId),
  });
  return decision.ok ? end(context, decision.value) : decision;
}

async function end(
  context: CommandContext,
  payload: { spaceId: string; creatorId: string; removed: boolean },
): Promise<CommandResult<{ spaceId: string }>> {
  const { spaceId, creatorId } = payload;
  await context.tx.unlink({ type: 'MEMBER_OF', from: creatorId, to: spaceId });
  const event = await record(context, {
    type: 'space.member-left',
    entityId: membershipOf(creatorId, spaceId),
    payload,
    causedBy: await newestEvent(context.tx, 'Space', spaceId),
  });
  return accepted({ spaceId }, [event]);
}
