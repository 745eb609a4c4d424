import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { InvitationState } from '../../../schema/graph/catalogue.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { membershipOf } from '../../shared/membership.ts';
import { decideAnswer, decideRevoke } from '../domain/invitation.ts';
import { newestEvent, readActor, readIsBlocked, readRole, readSpace } from './reading.ts';

export interface AnswerInvitation {
  readonly invitationId: string;
  readonly accept: boolean;
}

export interface RevokeInvitation {
  readonly invitationId: string;
}

/** Accepts an invitation, and with it the membership, or declines it. */
export async function answerInvitation(
  context: CommandContext,
  input: AnswerInvitation,
): Promise<CommandResult<{ invitationId: string }>> {
  const { tx, nowIso } = context;
  const { invitationId } = input;
  const [invitation = null] = await tx.get('Invitation', [invitationId]);
  const spaceId = invitation?.props.spaceId ?? '';
  const inviterId = invitation?.props.inviterId ?? '';
  const decision = decideAnswer(
    {
      actor: await readActor(context, spaceId),
      invitationId,
      invitation: invitation?.props ?? null,
      space: await readSpace(tx, spaceId),
      inviterRole: await readRole(tx, inviterId, spaceId),
      isBlocked: await readIsBlocked(tx, context.actor.id, inviterId),
    },
    input.accept,
  );
  if (!decision.ok) return decision;
  const { answer, joined } = decision.value;
  const answered = await settle(context, { invitation, invitationId, answer });
  if (joined === null) return accepted({ invitationId }, [answered]);
  await tx.link({
    type: 'MEMBER_OF',
    from: joined.creatorId,
    to: spaceId,
    props: { since: nowIso, role: joined.role },
  });
  const membership = await record(context, {
    type: 'space.member-joined',
    entityId: membershipOf(joined.creatorId, spaceId),
    payload: joined,
    causedBy: [answered.id],
  });
  return accepted({ invitationId }, [answered, membership]);
}

/** Takes an unanswered invitation back. */
export async function revokeInvitation(
  context: CommandContext,
  input: RevokeInvitation,
): Promise<CommandResult<{ invitationId: string }>> {
  const { invitationId } = input;
  const [invitation = null] = await context.tx.get('Invitation', [invitationId]);
  const actor = await readActor(context, invitation?.props.spaceId ?? '');
  const decision = decideRevoke({ actor, invitationId, invitation: invitation?.props ?? null });
  if (!decision.ok) return decision;
  return accepted({ invitationId }, [await settle(context, { invitation, invitationId, answer: decision.value })]);
}

async function settle(
  context: CommandContext,
  settled: {
    invitation: GraphNode<'Invitation'> | null;
    invitationId: string;
    answer: { spaceId: string; inviteeId: string; state: InvitationState };
  },
): ReturnType<typeof record> {
  const { invitation, invitationId, answer } = settled;
  if (invitation === null) throw new TypeError('only an invitation that exists is settled');
  const { tx } = context;
  await tx.put({
    type: 'Invitation',
    id: invitationId,
    props: { ...invitation.props, state: answer.state },
    expectedVersion: invitation.version,
  });
  return record(context, {
    type: 'space.invitation-answered',
    entityId: invitationId,
    payload: answer,
    causedBy: await newestEvent(tx, 'Invitation', invitationId),
  });
}
