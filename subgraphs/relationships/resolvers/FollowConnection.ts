import type { FollowConnectionResolvers, FollowEdgeResolvers } from '../generated/resolvers.ts';
import { countRelationships } from '../relationship-list.ts';

export const FollowConnection: FollowConnectionResolvers = { totalCount: countRelationships };

export const FollowEdge: FollowEdgeResolvers = { since: ({ node }) => node.edge.props.since };
