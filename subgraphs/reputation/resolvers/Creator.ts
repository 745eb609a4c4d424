import type { CreatorResolvers } from '../generated/resolvers.ts';
import { visibleScores } from '../score-reader.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  reputation: async ({ id }, _args, context) => ({ dimensions: (await visibleScores(context, id)) ?? [] }),
};
