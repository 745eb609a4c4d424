import { distributionOf } from '../distribution.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { visibleScores } from '../score-reader.ts';

export const Query: QueryResolvers = {
  reputation: async (_root, { creatorId }, context) => {
    const dimensions = await visibleScores(context, creatorId);
    return dimensions === null ? null : { dimensions };
  },
  reputationDistribution: (_root, { dimension }, context) => distributionOf(context, dimension),
};
