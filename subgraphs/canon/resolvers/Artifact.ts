import { eventPage } from '../canon-reader.ts';
import type { ArtifactResolvers } from '../generated/resolvers.ts';
import { artifactManifest } from '../manifest.ts';

export const Artifact: ArtifactResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  manifest: ({ id }, { revision }, context) => artifactManifest(context, id, revision ?? null),
  canonEvents: ({ id }, { orderBy, ...page }, context) =>
    eventPage(context, { entityId: id, conditions: {}, orderBy }, page),
};
