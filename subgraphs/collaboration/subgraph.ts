import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { CollaborationEvent } from './resolvers/CollaborationEvent.ts';
import { Creator } from './resolvers/Creator.ts';
import { Invitation } from './resolvers/Invitation.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Post } from './resolvers/Post.ts';
import { Query } from './resolvers/Query.ts';
import { Space } from './resolvers/Space.ts';
import { SpaceMember } from './resolvers/SpaceMember.ts';
import { Subscription } from './resolvers/Subscription.ts';

/** Spaces: members and their roles, invitations, posts, and what happens in a space as it happens. */
export function createCollaborationSubgraph(): Subgraph {
  const resolvers: Resolvers = {
    CollaborationEvent,
    Creator,
    Invitation,
    Mutation,
    Post,
    Query,
    Space,
    SpaceMember,
    Subscription,
  };
  return createSubgraph('collaboration', { ...resolvers });
}
