import type { GraphNode } from '../../../engines/graph-store/port.ts';
import { type CommandContext, type CommandResult } from '../../shared/command.ts';
import { type SubgraphContext, identityOf } from '../../shared/context.ts';
import { type UserError, unauthenticated } from '../../shared/errors.ts';
import { type MutationAnswer, runCommand } from '../../shared/mutation.ts';
import { changeCreatorState } from '../commands/change-creator-state.ts';
import { addSkills, removeSkills } from '../commands/change-skills.ts';
import { eraseCreator } from '../commands/erase-creator.ts';
import type { CreatorAnswer } from '../commands/own-creator.ts';
import { registerCreator } from '../commands/register-creator.ts';
import { setPublicMetrics } from '../commands/set-public-metrics.ts';
import { updateProfile } from '../commands/update-profile.ts';
import type { MutationResolvers, RegisterCreatorInput, UpdateProfileInput } from '../generated/resolvers.ts';

interface CreatorPayload {
  readonly creator: GraphNode<'Creator'> | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly UserError[];
}

/** A mutation of the viewer's own creator. */
function own<I extends object>(
  operation: string,
  command: (context: CommandContext, input: I) => Promise<CommandResult<CreatorAnswer>>,
) {
  return async (
    _root: object,
    { input }: { readonly input: I & { readonly idempotencyKey?: string | null | undefined } },
    context: SubgraphContext,
  ): Promise<CreatorPayload> => toPayload(context, await runCommand(context, { operation, input }, command));
}

async function toPayload(
  { loaders }: SubgraphContext,
  { value, eventIds, userErrors }: MutationAnswer<CreatorAnswer>,
): Promise<CreatorPayload> {
  return { creator: value === null ? null : await loaders.node('Creator').load(value.creatorId), eventIds, userErrors };
}

export const Mutation: MutationResolvers = {
  registerCreator: async (_root, { input }, context) => {
    const { claims } = context.viewer;
    if (claims === null) throw unauthenticated();
    const register = (
      command: CommandContext,
      { username, displayName, bio, type, skills, publicMetrics }: RegisterCreatorInput,
    ) =>
      registerCreator(command, {
        creatorId: command.actor.id,
        identity: identityOf(claims),
        username,
        displayName: displayName ?? '',
        bio: bio ?? '',
        creatorType: type,
        skills: skills ?? [],
        publicMetrics: publicMetrics ?? [],
      });
    return toPayload(
      context,
      await runCommand(context, { operation: 'registerCreator', input, asNewcomer: true }, register),
    );
  },
  updateProfile: own(
    'updateProfile',
    (command, { expectedVersion, type, username, displayName, bio }: UpdateProfileInput) =>
      updateProfile(command, {
        expectedVersion,
        creatorType: type ?? undefined,
        username: username ?? undefined,
        displayName: displayName ?? undefined,
        bio: bio ?? undefined,
      }),
  ),
  addSkills: own('addSkills', addSkills),
  removeSkills: own('removeSkills', removeSkills),
  setPublicMetrics: own('setPublicMetrics', setPublicMetrics),
  changeCreatorState: own('changeCreatorState', changeCreatorState),
  eraseCreator: async (_root, { input }, context) => {
    const answer = await runCommand(
      context,
      // Whoever was erased is a newcomer, and may ask for the first answer again.
      { operation: 'eraseCreator', input, asNewcomer: true },
      eraseCreator,
    );
    // Not only out of the tables: out of the files, before anybody is told that it is done.
    if (answer.value !== null) await context.store.purge?.();
    return { ...(await toPayload(context, answer)), keyId: answer.value?.keyId ?? null };
  },
};
