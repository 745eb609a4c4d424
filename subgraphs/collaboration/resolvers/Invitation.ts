import { maySeeInvitations } from '../domain/space.ts';
import type { InvitationResolvers } from '../generated/resolvers.ts';
import { viewerRole, visibleSpace } from '../visibility.ts';

export const Invitation: InvitationResolvers = {
  __resolveReference: async ({ id }, context) => {
    const invitation = await context.loaders.node('Invitation').load(id);
    const { creatorId } = context.viewer;
    if (invitation === null || creatorId === null) return null;
    const { spaceId, inviterId, inviteeId } = invitation.props;
    if (creatorId === inviterId || creatorId === inviteeId) return invitation;
    return maySeeInvitations(await viewerRole(context, spaceId)) ? invitation : null;
  },
  space: ({ props }, _args, context) => visibleSpace(context, props.spaceId),
  inviter: ({ props }) => ({ id: props.inviterId }),
  invitee: ({ props }) => ({ id: props.inviteeId }),
  role: ({ props }) => props.role,
  state: ({ props }) => props.state,
  sentAt: ({ props }) => props.sentAt,
};
