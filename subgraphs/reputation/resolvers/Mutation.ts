import { runCommand } from '../../shared/mutation.ts';
import { chooseLeaderboards } from '../commands/choose-leaderboards.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

export const Mutation: MutationResolvers = {
  chooseLeaderboards: async (_root, { input }, context) => {
    const { value, ...rest } = await runCommand(
      context,
      { operation: 'chooseLeaderboards', input },
      chooseLeaderboards,
    );
    return { dimensions: value, ...rest };
  },
};
