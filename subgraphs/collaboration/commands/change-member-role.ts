import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { decideChangeRole } from '../domain/membership.ts';
import { newestEvent, readActor, readOwnerCount, readSpace } from './reading.ts';

export interface ChangeMemberRole {
  readonly spaceId: string;
  readonly creatorId: string;
  readonly role: SpaceRole;
}

/** Gives a member another role. */
export async function changeMemberRole(
  context: CommandContext,
  input: ChangeMemberRole,
): Promise<CommandResult<{ spaceId: string }>> {
  const { tx } = context;
  const { spaceId, creatorId, role } = input;
  const actor = await readActor(context, spaceId);
  const [membership] = await tx.edges('MEMBER_OF', [{ from: creatorId, to: spaceId }]);
  const target = { id: creatorId, role: membership?.props.role ?? null };
  const decision = decideChangeRole(
    { actor, target, space: await readSpace(tx, spaceId), ownerCount: await readOwnerCount(tx, spaceId) },
    role,
  );
  if (!decision.ok) return decision;
  await tx.link({
    type: 'MEMBER_OF',
    from: creatorId,
    to: spaceId,
    props: { since: membership?.props.since ?? context.nowIso, role },
  });
  const event = await record(context, {
    type: 'space.member-role-changed',
    entityId: membershipOf(creatorId, spaceId),
    payload: decision.value,
    causedBy: await newestEvent(tx, 'Space', spaceId),
  });
  return accepted({ spaceId }, [event]);
}
