import DataLoader from 'dataloader';
import { GraphQLError } from 'graphql';
import type { Page } from '../../engines/graph-store/port.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { unauthenticated } from '../shared/errors.ts';
import { type Reader, mayRead } from './domain/access.ts';
import { grantsOf } from './grants.ts';
import {
  type EventConditions,
  type EventList,
  type EventPosition,
  type StatusRow,
  listEvents,
  readEvents,
  readStatusMoves,
} from './queries.ts';
import { type Recorded, recordedOf } from './recorded.ts';

/** The signed-in caller. Throws UNAUTHENTICATED for anybody else. */
export function readerOf({ viewer }: SubgraphContext): Reader {
  if (viewer.claims === null) throw unauthenticated();
  return { creatorId: viewer.creatorId, scopes: viewer.claims.scopes };
}

/** The gateway asks for scopes too; a subgraph does not take its word for it. One of them is enough. Throws FORBIDDEN. */
export function requireScope(context: SubgraphContext, ...scopes: readonly string[]): void {
  const held = readerOf(context).scopes;
  if (scopes.some((scope) => held.includes(scope))) return;
  throw new GraphQLError(`this needs the scope ${scopes.join(' or ')}`, { extensions: { code: 'FORBIDDEN' } });
}

/** The same with the permissions that they were given: read once in a request. */
export async function fullReaderOf(context: SubgraphContext): Promise<Reader> {
  const reader = readerOf(context);
  const { loaders, store } = context;
  return { ...reader, granted: await loaders.own('canon grants', () => grantsOf(store, reader.creatorId)) };
}

export function isReadable(reader: Reader, { event, status }: Recorded): boolean {
  return mayRead({ id: event.id, status, actor: event.actor }, reader);
}

const batchMax = 500;

function recordedLoader({ loaders, warehouse }: SubgraphContext): DataLoader<string, Recorded | null> {
  const load = async (ids: readonly string[]): Promise<(Recorded | null)[]> => {
    const rows = new Map((await readEvents(warehouse, ids)).map((row) => [row.event_id, row]));
    return ids.map((id) => {
      const row = rows.get(id);
      return row === undefined ? null : recordedOf(row);
    });
  };
  return loaders.own('canon events', () => new DataLoader(load, { maxBatchSize: batchMax }));
}

/** These events in their order, null where there is none or none for the reader. */
export async function readableEvents(
  context: SubgraphContext,
  ids: readonly string[],
  isAllowed = (recorded: Recorded, reader: Reader): boolean => isReadable(reader, recorded),
): Promise<readonly (Recorded | null)[]> {
  const loader = recordedLoader(context);
  const found = await Promise.all(ids.map((id) => loader.load(id)));
  // Most events are canonical: only what may not be for everybody asks for permissions.
  const isPlain = found.every((recorded) => recorded === null || recorded.status === 'CANONICAL');
  const reader = isPlain ? readerOf(context) : await fullReaderOf(context);
  return found.map((recorded) => (recorded !== null && isAllowed(recorded, reader) ? recorded : null));
}

/** The moves of an event's status. */
export function statusMovesOf({ loaders, warehouse }: SubgraphContext, eventId: string): Promise<readonly StatusRow[]> {
  const load = async (ids: readonly string[]): Promise<StatusRow[][]> => {
    const byEvent = Map.groupBy(await readStatusMoves(warehouse, ids), (row) => row.event_id);
    return ids.map((id) => byEvent.get(id) ?? []);
  };
  return loaders.own('canon status', () => new DataLoader(load, { maxBatchSize: batchMax })).load(eventId);
}

type ListOf = Omit<EventList, 'entityIds' | 'reader'>;

/** The lists of many entities in one query. */
function entityLists(context: SubgraphContext, list: ListOf): DataLoader<string, readonly EventPosition[]> {
  const load = async (entityIds: readonly string[]): Promise<EventPosition[][]> => {
    const reader = await fullReaderOf(context);
    const byEntity = Map.groupBy(
      await listEvents(context.warehouse, { ...list, reader, entityIds }),
      (row) => row.entity_id,
    );
    return entityIds.map((id) => byEntity.get(id) ?? []);
  };
  return context.loaders.own(
    `canon list ${JSON.stringify(list)}`,
    () => new DataLoader(load, { maxBatchSize: batchMax }),
  );
}

export interface EventQuery {
  readonly entityId?: string | undefined;
  readonly conditions: EventConditions;
  readonly orderBy: 'NEWEST' | 'OLDEST';
}

/** A page of the events that the caller may read. Throws UNAUTHENTICATED, or BAD_USER_INPUT naming the argument. */
export async function eventPage(
  context: SubgraphContext,
  query: EventQuery,
  page: PageArguments,
): Promise<Connection<Recorded>> {
  const reader = await fullReaderOf(context);
  const name = `canon|${JSON.stringify([query.entityId, query.conditions, query.orderBy])}`;
  const request = pageRequest(name, page);
  // One more than asked for tells whether there is more.
  const list: ListOf = {
    conditions: query.conditions,
    order: query.orderBy === 'NEWEST' ? 'desc' : 'asc',
    limit: request.limit + 1,
    ...(request.after && { after: request.after }),
  };
  const found =
    query.entityId === undefined
      ? await listEvents(context.warehouse, { ...list, reader })
      : await entityLists(context, list).load(query.entityId);
  const positions = found.slice(0, request.limit);
  const events = await readableEvents(
    context,
    positions.map((position) => position.event_id),
  );
  return toConnection(name, request, toPage(positions, events, found.length > request.limit), (recorded) => recorded);
}

/** An event whose status moved between the two queries may not be the reader's any more: it is left out. */
function toPage(
  positions: readonly EventPosition[],
  events: readonly (Recorded | null)[],
  hasMore: boolean,
): Page<Recorded> {
  const shown = positions.flatMap((position, index) => {
    const recorded = events[index] ?? null;
    return recorded === null ? [] : [{ recorded, keyset: { value: position.hlc, id: position.event_id } }];
  });
  return { items: shown.map(({ recorded }) => recorded), keysets: shown.map(({ keyset }) => keyset), hasMore };
}
