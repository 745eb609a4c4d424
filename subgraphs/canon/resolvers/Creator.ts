import { eventPage } from '../canon-reader.ts';
import type { CreatorResolvers } from '../generated/resolvers.ts';

export const Creator: CreatorResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  canonEvents: ({ id }, { orderBy, ...page }, context) =>
    eventPage(context, { entityId: id, conditions: {}, orderBy }, page),
};
