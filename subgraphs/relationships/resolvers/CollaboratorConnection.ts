import type { CollaboratorConnectionResolvers, CollaboratorEdgeResolvers } from '../generated/resolvers.ts';
import { countRelationships } from '../relationship-list.ts';

export const CollaboratorConnection: CollaboratorConnectionResolvers = { totalCount: countRelationships };

export const CollaboratorEdge: CollaboratorEdgeResolvers = {
  since: ({ node }) => node.edge.props.since,
  weight: ({ node }) => node.edge.props.weight,
};
