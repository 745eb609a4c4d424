import type { GraphNode } from '../../engines/graph-store/port.ts';
import { type BadgeDefinition, badges } from '../../schema/reputation/badges.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { isVisible } from './score-reader.ts';

export function definitionOf(badge: GraphNode<'Badge'>): BadgeDefinition | null {
  return badges.find(({ id }) => id === badge.props.badge) ?? null;
}

/** The badges of a creator, newest first: those about dimensions that the viewer may see. A page may hold fewer than asked for. Throws BAD_USER_INPUT naming the argument. */
export async function badgesOf(
  context: SubgraphContext,
  creatorId: string,
  page: PageArguments,
): Promise<Connection<GraphNode<'Badge'>>> {
  const name = `badges|${creatorId}`;
  const request = pageRequest(name, page);
  const found = await context.store.find({
    type: 'Badge',
    where: { creatorId },
    orderBy: 'awardedAt',
    order: 'desc',
    ...request,
  });
  const isShown: boolean[] = [];
  for (const badge of found.items) {
    const dimension = definitionOf(badge)?.criteria.dimension;
    const isOwn = creatorId === context.viewer.creatorId;
    isShown.push(isOwn || (dimension !== undefined && (await isVisible(context, { creatorId, dimension }))));
  }
  const { edges, nodes, ...rest } = toConnection(name, request, found, (badge) => badge);
  return { ...rest, edges: edges.filter((_, at) => isShown[at]), nodes: nodes.filter((_, at) => isShown[at]) };
}
