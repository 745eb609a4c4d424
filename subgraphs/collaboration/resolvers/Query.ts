import type { GraphNode } from '../../../engines/graph-store/port.ts';
import type { SpaceKind } from '../../../schema/graph/catalogue.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../../shared/connection.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { findConnection } from '../../shared/find-connection.ts';
import { visiblePage } from '../../shared/visible-page.ts';
import { isOpen } from '../domain/space.ts';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { visibleSpace } from '../visibility.ts';

function openSpaces(
  { store }: SubgraphContext,
  kind: SpaceKind,
  args: PageArguments,
): Promise<Connection<GraphNode<'Space'>>> {
  const query = { type: 'Space', where: { kind }, orderBy: 'createdAt', order: 'desc' } as const;
  return findConnection(store, { list: `spaces|${kind}`, ...query }, args);
}

async function ownSpaces(
  { loaders, viewer }: SubgraphContext,
  kind: SpaceKind,
  args: PageArguments,
): Promise<Connection<GraphNode<'Space'>>> {
  const { creatorId } = viewer;
  const list = `spaces|${kind}|${creatorId ?? ''}`;
  const request = pageRequest(list, args);
  if (creatorId === null)
    return toConnection(
      list,
      request,
      { items: [], keysets: [], hasMore: false },
      (space: GraphNode<'Space'>) => space,
    );
  const page = await visiblePage(
    request,
    (next) =>
      loaders
        .neighbours({ edge: 'MEMBER_OF', direction: 'out', orderBy: 'since', order: 'desc', ...next })
        .load(creatorId),
    async (items) => {
      const spaces = await Promise.all(items.map(({ id }) => loaders.node('Space').load(id)));
      return spaces.map((space) => (space?.props.kind === kind ? space : null));
    },
  );
  return toConnection(list, request, page, (space) => space);
}

export const Query: QueryResolvers = {
  space: (_root, { id }, context) => visibleSpace(context, id),
  spaces: (_root, { kind, first, after }, context) =>
    isOpen(kind) ? openSpaces(context, kind, { first, after }) : ownSpaces(context, kind, { first, after }),
};
