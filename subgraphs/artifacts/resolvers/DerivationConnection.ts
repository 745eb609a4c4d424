import type { DerivationConnectionResolvers } from '../generated/resolvers.ts';

export const DerivationConnection: DerivationConnectionResolvers = {
  nodes: ({ nodes }) => nodes.map((derivation) => derivation.artifact),
};
