import { creatorOf } from '../actor.ts';
import type { ContributionResolvers } from '../generated/resolvers.ts';
import { visibleArtifact } from '../visibility.ts';

export const Contribution: ContributionResolvers = {
  __resolveReference: async ({ id }, context) => {
    const contribution = await context.loaders.node('Contribution').load(id);
    if (contribution === null) return null;
    return (await visibleArtifact(context, contribution.props.artifactId)) === null ? null : contribution;
  },
  kind: ({ props }) => props.contribution,
  merged: ({ props }) => props.merged,
  text: ({ props }) => props.text,
  contributor: ({ props }) => creatorOf(props.contributorId),
  contributedAt: ({ props }) => props.contributedAt,
};
