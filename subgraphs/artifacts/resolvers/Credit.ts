import type { CreditResolvers } from '../generated/resolvers.ts';

export const Credit: CreditResolvers = {
  creator: ({ creatorId }) => ({ id: creatorId }),
};
