import type { CreatorConnectionResolvers } from '../generated/resolvers.ts';

export const CreatorConnection: CreatorConnectionResolvers = {
  totalCount: ({ where }, _args, { store }) => store.count('Creator', where),
};
