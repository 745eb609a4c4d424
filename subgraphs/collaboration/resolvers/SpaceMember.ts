import type { SpaceMemberResolvers } from '../generated/resolvers.ts';

export const SpaceMember: SpaceMemberResolvers = {
  creator: ({ creatorId }) => ({ id: creatorId }),
};
