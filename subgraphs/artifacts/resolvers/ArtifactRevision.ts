import { creatorOf } from '../actor.ts';
import type { ArtifactRevisionResolvers } from '../generated/resolvers.ts';

export const ArtifactRevision: ArtifactRevisionResolvers = {
  revision: ({ props }) => props.revision,
  contentHash: ({ props }) => props.contentHash,
  note: ({ props }) => props.note,
  revisedBy: ({ props }) => creatorOf(props.revisedBy),
  revisedAt: ({ props }) => props.revisedAt,
};
