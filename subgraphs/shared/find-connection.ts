import type { NodeType } from '../../schema/graph/catalogue.ts';
import type { FindNodes, GraphNode, GraphReader } from '../../engines/graph-store/port.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from './connection.ts';

/**
 * A page of the nodes that a query finds, as a connection. `list` names the list with everything that decides its order and content, as for {@link pageRequest}. Throws BAD_USER_INPUT naming the argument.
 */
export async function findConnection<T extends NodeType>(
  store: Pick<GraphReader, 'find'>,
  { list, ...query }: Omit<FindNodes<T>, 'after' | 'limit'> & { readonly list: string },
  page: PageArguments,
): Promise<Connection<GraphNode<T>>> {
  const request = pageRequest(list, page);
  return toConnection(list, request, await store.find<T>({ ...query, ...request }), (node) => node);
}
