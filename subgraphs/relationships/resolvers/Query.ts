import type { QueryResolvers } from '../generated/resolvers.ts';
import { wayBetween } from '../way.ts';

export const Query: QueryResolvers = {
  path: (_root, { from, to, maxDepth }, context) => wayBetween(context, { from, to, maxDepth }),
};
