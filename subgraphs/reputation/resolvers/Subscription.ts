import { GraphQLError } from 'graphql';
import type { SubscriptionResolvers } from '../generated/resolvers.ts';

export const Subscription: SubscriptionResolvers = {
  reputationChanged: {
    subscribe: () => {
      throw new GraphQLError('the gateway serves subscriptions: it follows the event log (schema/live.ts)', {
        extensions: { code: 'NOT_SERVED_HERE' },
      });
    },
  },
};
