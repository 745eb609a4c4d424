import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { type MutationAnswer, runCommand } from '../../shared/mutation.ts';
import { isReviewer, pieceById } from '../appeal-reader.ts';
import { decideAppeal, openAppeal, takeAppeal } from '../commands/appeals.ts';
import { issueCertificate, revokeCertificate } from '../commands/certificates.ts';
import { freezeReputation, resumeReputation } from '../commands/freezes.ts';
import { rateCollaboration } from '../commands/collaboration-ratings.ts';
import { chooseLeaderboards } from '../commands/choose-leaderboards.ts';
import { reviewLevelLoss } from '../commands/standings.ts';
import { shownFreeze } from '../freeze-reader.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

async function withAppeal(
  { loaders }: SubgraphContext,
  { value, ...rest }: MutationAnswer<{ readonly appealId: string }>,
): Promise<Omit<typeof rest, 'value'> & { readonly appeal: GraphNode<'Appeal'> | null }> {
  return { appeal: value === null ? null : await loaders.node('Appeal').load(value.appealId), ...rest };
}

async function withCertificate(
  { loaders }: SubgraphContext,
  { value, ...rest }: MutationAnswer<{ readonly certificateId: string }>,
): Promise<typeof rest & { readonly certificate: GraphNode<'Certificate'> | null }> {
  return { certificate: value === null ? null : await loaders.node('Certificate').load(value.certificateId), ...rest };
}

export const Mutation: MutationResolvers = {
  issueCertificate: async (_root, { input }, context) =>
    withCertificate(
      context,
      await runCommand(context, { operation: 'issueCertificate', input, takesPart: true }, issueCertificate),
    ),
  revokeCertificate: async (_root, { input }, context) =>
    withCertificate(context, await runCommand(context, { operation: 'revokeCertificate', input }, revokeCertificate)),
  rateCollaboration: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(
      context,
      { operation: 'rateCollaboration', input, takesPart: true },
      rateCollaboration,
    );
    return { isPublished: value?.isPublished ?? false, dueAt: value?.dueAt ?? null, ...rest };
  },
  chooseLeaderboards: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(
      context,
      { operation: 'chooseLeaderboards', input },
      chooseLeaderboards,
    );
    return { dimensions: value, ...rest };
  },
  freezeReputation: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(context, { operation: 'freezeReputation', input }, freezeReputation);
    return { freeze: value && shownFreeze(value), ...rest };
  },
  resumeReputation: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(context, { operation: 'resumeReputation', input }, resumeReputation);
    return { freeze: value && shownFreeze(value), ...rest };
  },
  reviewLevelLoss: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(context, { operation: 'reviewLevelLoss', input }, (command, asked) =>
      reviewLevelLoss(command, { ...asked, isReviewer: isReviewer(context) }),
    );
    return { creator: value === null ? null : { id: value.creatorId }, ...rest };
  },
  openAppeal: async (_root, { input }, context) => {
    const piece = await pieceById(context, input.evidenceId);
    const answer = await runCommand(context, { operation: 'openAppeal', input }, (command, asked) =>
      openAppeal(command, { ...asked, piece }),
    );
    return withAppeal(context, answer);
  },
  takeAppeal: async (_root, { input }, context) => {
    const answer = await runCommand(context, { operation: 'takeAppeal', input }, (command, asked) =>
      takeAppeal(command, { ...asked, isReviewer: isReviewer(context) }),
    );
    return withAppeal(context, answer);
  },
  decideAppeal: async (_root, { input }, context) => {
    const answer = await runCommand(context, { operation: 'decideAppeal', input }, (command, asked) =>
      decideAppeal(command, { ...asked, isReviewer: isReviewer(context) }),
    );
    return withAppeal(context, answer);
  },
};
