import type { SubgraphContext } from '../../shared/context.ts';
import type { NodeResolvers } from '../generated/resolvers.ts';
import type { NodeMapper } from '../mappers.ts';

export const Node: NodeResolvers = {
  __resolveType: ({ type }) => type,
};

/**
 * By type: a thing of another subgraph as far as the viewer may know of it, by that subgraph's own rule; null otherwise. What it names without asking
 * would tell everybody that it is there, and what it is.
 */
export type Elsewhere = Readonly<
  Partial<
    Record<
      Exclude<NodeMapper['type'], 'Creator'>,
      (context: SubgraphContext, id: string) => Promise<{ readonly id: string } | null>
    >
  >
>;

/** What the id names, if the viewer may know of it. Bookkeeping is in the graph too, and is nobody's to see. */
export async function locate(context: SubgraphContext, elsewhere: Elsewhere, id: string): Promise<NodeMapper | null> {
  const type = await context.loaders.location().load(id);
  if (type === 'Creator') return context.loaders.node('Creator').load(id);
  const find = type === null ? undefined : elsewhere[type as keyof Elsewhere];
  return find === undefined || (await find(context, id)) === null ? null : ({ type, id } as NodeMapper);
}
