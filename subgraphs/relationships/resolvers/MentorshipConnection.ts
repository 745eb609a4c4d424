import type { MentorshipConnectionResolvers, MentorshipEdgeResolvers } from '../generated/resolvers.ts';
import { countRelationships } from '../relationship-list.ts';

export const MentorshipConnection: MentorshipConnectionResolvers = { totalCount: countRelationships };

export const MentorshipEdge: MentorshipEdgeResolvers = {
  since: ({ node }) => node.edge.props.since,
  topic: ({ node }) => node.edge.props.topic,
};
