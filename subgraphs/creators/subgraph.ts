import { type Subgraph, createSubgraph } from '../shared/subgraph.ts';
import { Creator } from './resolvers/Creator.ts';
import { CreatorConnection } from './resolvers/CreatorConnection.ts';
import { Mutation } from './resolvers/Mutation.ts';
import { type Elsewhere, Node } from './resolvers/Node.ts';
import { queryOver } from './resolvers/Query.ts';

/** Who people are: registration, profile, skills, state, and whatever has an id. What of other subgraphs has no rule in `elsewhere` is nobody's to see. */
export function createCreatorsSubgraph(elsewhere: Elsewhere = {}): Subgraph {
  return createSubgraph('creators', { Query: queryOver(elsewhere), Mutation, Creator, CreatorConnection, Node });
}
