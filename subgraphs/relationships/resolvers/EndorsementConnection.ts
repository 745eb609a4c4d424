import { targetOf } from '../domain/endorsement.ts';
import type { EndorsementConnectionResolvers, EndorsementEdgeResolvers } from '../generated/resolvers.ts';
import { countRelationships } from '../relationship-list.ts';

export const EndorsementConnection: EndorsementConnectionResolvers = { totalCount: countRelationships };

export const EndorsementEdge: EndorsementEdgeResolvers = {
  since: ({ node }) => node.edge.props.since,
  weight: ({ node }) => node.edge.props.weight,
  note: ({ node }) => node.edge.props.note,
  skill: ({ node }) => {
    const target = targetOf(node.edge.key);
    return 'skill' in target ? target.skill : null;
  },
  dimension: ({ node }) => {
    const target = targetOf(node.edge.key);
    return 'dimension' in target ? target.dimension : null;
  },
};
