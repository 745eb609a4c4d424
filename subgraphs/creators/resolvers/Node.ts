import type { NodeType } from '../../../schema/graph/catalogue.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import type { NodeResolvers } from '../generated/resolvers.ts';
import type { NodeMapper } from '../mappers.ts';

export const Node: NodeResolvers = {
  __resolveType: ({ type }) => type,
};

const elsewhere: readonly NodeType[] = ['Artifact', 'Space', 'Post', 'Invitation'] satisfies Exclude<
  NodeMapper['type'],
  'Creator'
>[];

/** What the id names, as far as this subgraph knows it. Bookkeeping is in the graph too, and is nobody's to see. */
export async function locate({ loaders }: SubgraphContext, id: string): Promise<NodeMapper | null> {
  const type = await loaders.location().load(id);
  if (type === 'Creator') return loaders.node('Creator').load(id);
  return type !== null && elsewhere.includes(type) ? ({ type, id } as NodeMapper) : null;
}
