import type { CollaboratorRecommendationResolvers, RecommendationReasonResolvers } from '../generated/resolvers.ts';

const viaMax = 10;

export const CollaboratorRecommendation: CollaboratorRecommendationResolvers = {
  creator: ({ id }) => ({ id }),
  reason: (recommendation) => recommendation,
};

export const RecommendationReason: RecommendationReasonResolvers = {
  via: ({ via }) => via.slice(0, viaMax).map((id) => ({ id })),
  sharedCount: ({ via }) => via.length,
};
