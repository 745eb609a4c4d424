import type { Direction } from '../../engines/graph-store/port.ts';
import type { EdgeProps, EdgeType } from '../../schema/graph/catalogue.ts';
import { type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import type { RelationshipConnection } from './mappers.ts';

export interface RelationshipList<E extends EdgeType> {
  readonly edge: E;
  readonly direction: Direction;
  /** The property that the list is ordered by, largest first. */
  readonly orderBy: keyof EdgeProps[E] & string;
}

/** A page of one creator's relationships. The same page of many creators is one read of the store. */
export async function listRelationships<E extends EdgeType>(
  { loaders }: SubgraphContext,
  id: string,
  { edge, direction, orderBy }: RelationshipList<E>,
  args: PageArguments,
): Promise<RelationshipConnection<E>> {
  const list = `${edge}|${direction}|${id}`;
  const request = pageRequest(list, args);
  const page = await loaders.neighbours<E>({ edge, direction, orderBy, order: 'desc', ...request }).load(id);
  return { ...toConnection(list, request, page, (neighbour) => neighbour), of: { id, edge, direction } };
}

/** How many relationships there are in all pages. */
export function countRelationships<E extends EdgeType>(
  { of }: RelationshipConnection<E>,
  _args: object,
  { loaders }: SubgraphContext,
): Promise<number> {
  return loaders.degree(of.edge, of.direction).load(of.id);
}
