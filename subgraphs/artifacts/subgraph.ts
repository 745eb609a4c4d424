import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { Artifact } from './resolvers/Artifact.ts';
import { ArtifactRevision } from './resolvers/ArtifactRevision.ts';
import { Contribution } from './resolvers/Contribution.ts';
import { Creator } from './resolvers/Creator.ts';
import { Credit } from './resolvers/Credit.ts';
import { DerivationConnection } from './resolvers/DerivationConnection.ts';
import { DerivationEdge } from './resolvers/DerivationEdge.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Query } from './resolvers/Query.ts';

/** Works: publishing, revising, deriving, judging and accepting them, and where they come from. */
export function createArtifactsSubgraph(): Subgraph {
  const resolvers: Resolvers = {
    Artifact,
    ArtifactRevision,
    Contribution,
    Creator,
    Credit,
    DerivationConnection,
    DerivationEdge,
    Mutation,
    Query,
  };
  return createSubgraph('artifacts', { ...resolvers });
}
