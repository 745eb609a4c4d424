import type { SubgraphContext } from '../../shared/context.ts';
import { runCommand } from '../../shared/mutation.ts';
import { answerInvitation, revokeInvitation } from '../commands/answer-invitation.ts';
import { changeMemberRole } from '../commands/change-member-role.ts';
import { createSpace } from '../commands/create-space.ts';
import { inviteToSpace } from '../commands/invite-to-space.ts';
import { joinSpace } from '../commands/join-space.ts';
import { leaveSpace, removeMember } from '../commands/leave-space.ts';
import { postToSpace } from '../commands/post-to-space.ts';
import type { CommandContext, CommandResult } from '../../shared/command.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { visibleSpace } from '../visibility.ts';

type Keyed<I> = I & { readonly idempotencyKey?: string | null | undefined };
interface Rest<I> {
  readonly takesPart?: (input: I) => boolean;
}
type Command<I, T> = (context: CommandContext, input: I) => Promise<CommandResult<T>>;

const always = { takesPart: () => true } as const;

function spaceMutation<I extends object>(
  operation: string,
  command: Command<I, { spaceId: string }>,
  { takesPart }: Rest<I> = {},
) {
  return async (_root: object, { input }: { readonly input: Keyed<I> }, context: SubgraphContext) => {
    const { value, eventIds, userErrors } = await runCommand(
      context,
      { operation, input, takesPart: takesPart?.(input) ?? false },
      command,
    );
    return { space: value === null ? null : await visibleSpace(context, value.spaceId), eventIds, userErrors };
  };
}

function invitationMutation<I extends object>(
  operation: string,
  command: Command<I, { invitationId: string }>,
  { takesPart }: Rest<I> = {},
) {
  return async (_root: object, { input }: { readonly input: Keyed<I> }, context: SubgraphContext) => {
    const { value, eventIds, userErrors } = await runCommand(
      context,
      { operation, input, takesPart: takesPart?.(input) ?? false },
      command,
    );
    const invitation = value === null ? null : await context.loaders.node('Invitation').load(value.invitationId);
    return { invitation, eventIds, userErrors };
  };
}

export const Mutation: MutationResolvers = {
  createSpace: spaceMutation('createSpace', createSpace, always),
  joinSpace: spaceMutation('joinSpace', joinSpace, always),
  leaveSpace: spaceMutation('leaveSpace', leaveSpace),
  removeMember: spaceMutation('removeMember', removeMember),
  changeMemberRole: spaceMutation('changeMemberRole', changeMemberRole),
  inviteToSpace: invitationMutation('inviteToSpace', inviteToSpace, always),
  answerInvitation: invitationMutation('answerInvitation', answerInvitation, { takesPart: ({ accept }) => accept }),
  revokeInvitation: invitationMutation('revokeInvitation', revokeInvitation),
  postToSpace: async (_root, { input }, context) => {
    const { value, eventIds, userErrors } = await runCommand(
      context,
      { operation: 'postToSpace', input, takesPart: true },
      postToSpace,
    );
    return {
      post: value === null ? null : await context.loaders.node('Post').load(value.postId),
      eventIds,
      userErrors,
    };
  },
};
