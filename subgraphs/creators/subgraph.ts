import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import { Creator } from './resolvers/Creator.ts';
import { CreatorConnection } from './resolvers/CreatorConnection.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { Node } from './resolvers/Node.ts';
import { Query } from './resolvers/Query.ts';

/** Who people are: registration, profile, skills, state, and whatever has an id. */
export function createCreatorsSubgraph(): Subgraph {
  return createSubgraph('creators', { Query, Mutation, Creator, CreatorConnection, Node });
}
