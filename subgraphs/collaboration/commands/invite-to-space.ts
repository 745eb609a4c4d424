import type { SpaceRole } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { decideInvite } from '../domain/invitation.ts';
import { newestEvent, readActor, readIsBlocked, readRole, readSpace } from './reading.ts';

export interface InviteToSpace {
  readonly spaceId: string;
  readonly inviteeId: string;
  /** MEMBER where it is absent. */
  readonly role?: SpaceRole | undefined;
  /** The new invitation's id; a fresh one where it is absent. */
  readonly invitationId?: string;
}

/** Invites a creator into a space. */
export async function inviteToSpace(
  context: CommandContext,
  input: InviteToSpace,
): Promise<CommandResult<{ invitationId: string }>> {
  const { tx, nowIso } = context;
  const { spaceId, inviteeId, role = 'MEMBER' } = input;
  const actor = await readActor(context, spaceId);
  const [invitee] = await tx.get('Creator', [inviteeId]);
  const pending = await tx.find({
    type: 'Invitation',
    where: { spaceId, inviteeId, state: 'PENDING' },
    orderBy: 'sentAt',
    order: 'asc',
    limit: 1,
  });
  const decision = decideInvite(
    {
      actor,
      space: await readSpace(tx, spaceId),
      invitee: {
        id: inviteeId,
        exists: invitee != null && invitee.props.state !== 'MIGRATED',
        role: await readRole(tx, inviteeId, spaceId),
      },
      isBlocked: await readIsBlocked(tx, actor.id, inviteeId),
      isPending: pending.items.length > 0,
    },
    role,
  );
  if (!decision.ok) return decision;
  const invitationId = input.invitationId ?? context.newId();
  await tx.put({
    type: 'Invitation',
    id: invitationId,
    props: { spaceId, inviterId: actor.id, inviteeId, role, state: 'PENDING', sentAt: nowIso },
    expectedVersion: 0,
  });
  const event = await record(context, {
    type: 'space.invitation-sent',
    entityId: invitationId,
    payload: decision.value,
    causedBy: await newestEvent(tx, 'Space', spaceId),
  });
  return accepted({ invitationId }, [event]);
}
