import type { CommandContext, CommandResult } from '../../shared/command.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import type { UserError } from '../../shared/errors.ts';
import { runCommand } from '../../shared/mutation.ts';
import { block, unblock } from '../commands/block.ts';
import { endorse, revokeEndorsement } from '../commands/endorse.ts';
import { follow, unfollow } from '../commands/follow.ts';
import { endMentorship, startMentorship } from '../commands/mentorship.ts';
import type { RelationshipAnswer } from '../commands/relationship.ts';
import type { EndorseInput, MutationResolvers, StartMentorshipInput } from '../generated/resolvers.ts';

interface RelationshipPayload {
  readonly creator: { readonly id: string } | null;
  readonly eventIds: readonly string[];
  readonly userErrors: readonly UserError[];
}

/** A mutation of one of the viewer's relationships. */
function mine<I extends object>(
  operation: string,
  command: (context: CommandContext, input: I) => Promise<CommandResult<RelationshipAnswer>>,
  rest: { readonly takesPart?: boolean } = {},
) {
  return async (
    _root: object,
    { input }: { readonly input: I & { readonly idempotencyKey?: string | null | undefined } },
    context: SubgraphContext,
  ): Promise<RelationshipPayload> => {
    const { value, eventIds, userErrors } = await runCommand(context, { operation, input, ...rest }, command);
    return { creator: value === null ? null : { id: value.creatorId }, eventIds, userErrors };
  };
}

export const Mutation: MutationResolvers = {
  follow: mine('follow', follow, { takesPart: true }),
  unfollow: mine('unfollow', unfollow),
  endorse: mine(
    'endorse',
    (context, { creatorId, skill, dimension, weight, note }: EndorseInput) =>
      endorse(context, { creatorId, skill, dimension, weight: weight ?? 3, note: note ?? '' }),
    { takesPart: true },
  ),
  revokeEndorsement: mine('revokeEndorsement', revokeEndorsement),
  startMentorship: mine(
    'startMentorship',
    (context, { mentorId, topic }: StartMentorshipInput) =>
      startMentorship(context, { mentorId, menteeId: context.actor.id, topic: topic ?? '' }),
    { takesPart: true },
  ),
  endMentorship: mine('endMentorship', endMentorship),
  block: mine('block', block),
  unblock: mine('unblock', unblock),
};
