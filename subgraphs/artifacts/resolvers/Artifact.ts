import { pageRequest, toConnection } from '../../shared/connection.ts';
import { derivationPage, provenanceOf } from '../derivations.ts';
import { isCredited } from '../domain/artifact.ts';
import type { ArtifactResolvers } from '../generated/resolvers.ts';
import { provenanceDocument } from '../provenance-document.ts';
import { visibleArtifact } from '../visibility.ts';

export const Artifact: ArtifactResolvers = {
  __resolveReference: ({ id }, context) => visibleArtifact(context, id),
  title: ({ props }) => props.title,
  kind: ({ props }) => props.kind,
  summary: ({ props }) => props.summary,
  tags: ({ props }) => props.tags,
  visibility: ({ props }) => props.visibility,
  credits: ({ props }) => props.credits,
  contentHash: ({ props }) => props.contentHash,
  revision: ({ props }) => props.revision,
  publishedAt: ({ props }) => props.publishedAt,
  revisedAt: ({ props }) => props.revisedAt,
  acceptedAt: ({ props }) => (props.acceptedAt === '' ? null : props.acceptedAt),
  positiveJudgements: ({ props }) => props.positiveJudgements,
  negativeJudgements: ({ props }) => props.negativeJudgements,
  viewerJudgement: async ({ id }, _args, { viewer, loaders }) => {
    if (viewer.creatorId === null) return null;
    const edge = await loaders.edge('JUDGES').load({ from: viewer.creatorId, to: id });
    return edge === null ? null : edge.props.polarity > 0 ? 'POSITIVE' : 'NEGATIVE';
  },
  viewerIsCredited: ({ props }, _args, { viewer }) => viewer.creatorId !== null && isCredited(props, viewer.creatorId),

  revisions: async ({ id }, args, { store }) => {
    const list = `revisions|${id}`;
    const request = pageRequest(list, args);
    const page = await store.find({
      type: 'ArtifactRevision',
      where: { artifactId: id },
      orderBy: 'revision',
      order: 'desc',
      ...request,
    });
    return toConnection(list, request, page, (item) => item);
  },
  contributions: async ({ id }, args, { store }) => {
    const list = `contributions|${id}`;
    const request = pageRequest(list, args);
    const page = await store.find({
      type: 'Contribution',
      where: { artifactId: id },
      orderBy: 'contributedAt',
      order: 'desc',
      ...request,
    });
    return toConnection(list, request, page, (item) => item);
  },
  derivedFrom: ({ id }, args, context) => derivationPage(context, { id, way: 'up' }, args),
  derivatives: ({ id }, args, context) => derivationPage(context, { id, way: 'down' }, args),
  ancestry: ({ id }, { maxDepth }, context) => provenanceOf(context, { id, way: 'up' }, maxDepth),
  descendants: ({ id }, { maxDepth }, context) => provenanceOf(context, { id, way: 'down' }, maxDepth),
  provenanceDocument: (artifact, { maxDepth }, context) => provenanceDocument(context, artifact, maxDepth),
};
