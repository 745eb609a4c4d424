import type { CreatorConnectionResolvers } from '../generated/resolvers.ts';

export const CreatorConnection: CreatorConnectionResolvers = {
  totalCount: async ({ where }, _args, { store }) => {
    const [all, erased] = await Promise.all([
      store.count('Creator', where),
      store.count('Creator', { ...where, isErased: 1 }),
    ]);
    return all - erased;
  },
};
