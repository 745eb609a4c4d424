import type { GraphNode } from '../../engines/graph-store/port.ts';
import { type BadgeDefinition, badges } from '../../schema/reputation/badges.ts';
import type { Connection, PageArguments } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { findConnection } from '../shared/find-connection.ts';
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
  const list = `badges|${creatorId}`;
  const query = { list, type: 'Badge', where: { creatorId }, orderBy: 'awardedAt', order: 'desc' } as const;
  const { edges, nodes, ...rest } = await findConnection(context.store, query, page);
  const isShown: boolean[] = [];
  for (const badge of nodes) {
    const dimension = definitionOf(badge)?.criteria.dimension;
    const isOwn = creatorId === context.viewer.creatorId;
    isShown.push(isOwn || (dimension !== undefined && (await isVisible(context, { creatorId, dimension }))));
  }
  return { ...rest, edges: edges.filter((_, at) => isShown[at]), nodes: nodes.filter((_, at) => isShown[at]) };
}
