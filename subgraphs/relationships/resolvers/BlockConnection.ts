import type { BlockConnectionResolvers, BlockEdgeResolvers } from '../generated/resolvers.ts';
import { countRelationships } from '../relationship-list.ts';

export const BlockConnection: BlockConnectionResolvers = { totalCount: countRelationships };

export const BlockEdge: BlockEdgeResolvers = { since: ({ node }) => node.edge.props.since };
