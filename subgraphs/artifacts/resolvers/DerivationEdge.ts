import type { DerivationEdgeResolvers } from '../generated/resolvers.ts';

export const DerivationEdge: DerivationEdgeResolvers = {
  node: ({ node }) => node.artifact,
  since: ({ node }) => node.since,
};
