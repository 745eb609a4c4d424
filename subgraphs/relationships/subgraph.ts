import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import { BlockConnection, BlockEdge } from './resolvers/BlockConnection.ts';
import { CollaboratorConnection, CollaboratorEdge } from './resolvers/CollaboratorConnection.ts';
import { CollaboratorRecommendation, RecommendationReason } from './resolvers/CollaboratorRecommendation.ts';
import { Creator } from './resolvers/Creator.ts';
import { EndorsementConnection, EndorsementEdge } from './resolvers/EndorsementConnection.ts';
import { FollowConnection, FollowEdge } from './resolvers/FollowConnection.ts';
import { MentorshipConnection, MentorshipEdge } from './resolvers/MentorshipConnection.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Query } from './resolvers/Query.ts';

/** Who knows whom: follows, endorsements, mentorships, shared work, blocks, and the ways between people. */
export function createRelationshipsSubgraph(): Subgraph {
  return createSubgraph('relationships', {
    Query,
    Mutation,
    Creator,
    FollowConnection,
    FollowEdge,
    CollaboratorConnection,
    CollaboratorEdge,
    MentorshipConnection,
    MentorshipEdge,
    EndorsementConnection,
    EndorsementEdge,
    BlockConnection,
    BlockEdge,
    CollaboratorRecommendation,
    RecommendationReason,
  });
}
