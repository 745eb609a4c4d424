import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Artifact } from './resolvers/Artifact.ts';
import { CanonBranch } from './resolvers/CanonBranch.ts';
import { CanonCaseMove, CanonContradiction } from './resolvers/CanonContradiction.ts';
import { CanonEvent } from './resolvers/CanonEvent.ts';
import { CanonStatusMove } from './resolvers/CanonStatusMove.ts';
import { Creator } from './resolvers/Creator.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Query } from './resolvers/Query.ts';
import { Subscription } from './resolvers/Subscription.ts';

/** The record of everything that happened: read, followed and checked, never changed. */
export function createCanonSubgraph(): Subgraph {
  const resolvers: Resolvers = {
    Artifact,
    CanonBranch,
    CanonCaseMove,
    CanonContradiction,
    CanonEvent,
    CanonStatusMove,
    Creator,
    Mutation,
    Query,
    Subscription,
  };
  return createSubgraph('canon', { ...resolvers });
}
