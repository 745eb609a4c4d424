import { eventPage } from '../canon-reader.ts';
import type { ArtifactResolvers } from '../generated/resolvers.ts';

export const Artifact: ArtifactResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  canonEvents: ({ id }, { orderBy, ...page }, context) =>
    eventPage(context, { entityId: id, conditions: {}, orderBy }, page),
};
