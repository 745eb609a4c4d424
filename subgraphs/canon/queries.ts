import type { Keyset, Order } from '../../engines/graph-store/port.ts';
import type { QueryParameter, Warehouse } from '../../engines/warehouse/port.ts';
import { type CanonStatus, type ContradictionKind, warehouseInstant } from '../../schema/warehouse/tables.ts';
import { type Reader, openStatuses } from './domain/access.ts';
import { type RecordedRow, recordedColumns } from './recorded.ts';

export interface EventConditions {
  readonly actor?: string | undefined;
  readonly types?: readonly string[] | undefined;
  /** ISO 8601; `from` is within, `to` is not. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface EventList {
  /** Of these entities, each with a list of its own; absent: one list of all. */
  readonly entityIds?: readonly string[];
  readonly conditions: EventConditions;
  readonly reader: Reader;
  readonly order: Order;
  readonly after?: Keyset;
  readonly limit: number;
}

/** Where an event stands in a list: enough to fetch it and to go on from it. */
export interface EventPosition {
  readonly event_id: string;
  readonly entity_id: string;
  readonly hlc: string;
}

export type Parameters = Record<string, QueryParameter>;

/** What `mayRead` (domain/access.ts) says of one event, as a condition on rows. */
export function readableSql(reader: Reader, parameters: Parameters): string {
  const isOpen = `status IN (${openStatuses.map((status) => `'${status}'`).join(', ')})`;
  const ways = ["status = 'CANONICAL'"];
  if (reader.scopes.includes('audit')) ways.push("status = 'NON_CANONICAL'");
  if (reader.scopes.includes('guardian')) ways.push(isOpen);
  else if (reader.creatorId !== null) {
    parameters['reader'] = reader.creatorId;
    ways.push(`(${isOpen} AND actor = {reader:String})`);
    if (reader.granted !== undefined && reader.granted.size > 0) {
      parameters['granted'] = [...reader.granted];
      ways.push(`(${isOpen} AND event_id IN {granted:Array(String)})`);
    }
  }
  return `(${ways.join(' OR ')})`;
}

function conditionsSql(list: EventList, parameters: Parameters): string {
  const { actor, types, from, to } = list.conditions;
  const conditions = [readableSql(list.reader, parameters)];
  const add = (name: string, value: QueryParameter, sql: string): void => {
    parameters[name] = value;
    conditions.push(sql);
  };
  if (list.entityIds) add('entities', list.entityIds, 'entity_id IN {entities:Array(String)}');
  if (actor !== undefined) add('actor', actor, 'actor = {actor:String}');
  if (types !== undefined) add('types', types, 'type IN {types:Array(String)}');
  if (from !== undefined) add('from', toInstant(from), "occurred_at >= {from:DateTime64(3, 'UTC')}");
  if (to !== undefined) add('to', toInstant(to), "occurred_at < {to:DateTime64(3, 'UTC')}");
  if (list.after) {
    add(
      'afterHlc',
      String(list.after.value),
      `(hlc, event_id) ${list.order === 'asc' ? '>' : '<'} ({afterHlc:String}, {afterId:String})`,
    );
    parameters['afterId'] = list.after.id;
  }
  return conditions.join(' AND ');
}

function toInstant(iso: string): string {
  return warehouseInstant(Date.parse(iso) * 1000);
}

/** Positions of events, at most `limit` of each list. The text of the events is fetched for a page only: it is most of a row. */
export async function listEvents(warehouse: Warehouse, list: EventList): Promise<readonly EventPosition[]> {
  const parameters: Parameters = { limit: list.limit };
  const where = conditionsSql(list, parameters);
  const limit = list.entityIds ? 'LIMIT {limit:UInt32} BY entity_id' : 'LIMIT {limit:UInt32}';
  return warehouse.query<EventPosition>(
    `SELECT event_id, entity_id, hlc FROM platform.canon_events FINAL WHERE ${where} ORDER BY hlc ${list.order}, event_id ${list.order} ${limit}`,
    parameters,
  );
}

/** Events by their ids, as they stand now, in any order; ids without an event are left out. */
export function readEvents(warehouse: Warehouse, ids: readonly string[]): Promise<readonly RecordedRow[]> {
  return warehouse.query<RecordedRow>(
    `SELECT ${recordedColumns} FROM platform.canon_events WHERE event_id IN {ids:Array(String)} ORDER BY status_seq DESC LIMIT 1 BY event_id`,
    { ids },
  );
}

export interface StatusRow {
  readonly event_id: string;
  readonly seq: number;
  readonly status: CanonStatus;
  readonly reason: string;
  readonly decider: string;
  readonly contradiction: ContradictionKind | null;
  readonly moved_at: string;
}

const movesMax = 100;

/** The moves of these events' statuses, in their order. */
export function readStatusMoves(warehouse: Warehouse, eventIds: readonly string[]): Promise<readonly StatusRow[]> {
  return warehouse.query<StatusRow>(
    `SELECT event_id, seq, status, reason, decider, contradiction, moved_at FROM platform.canon_status FINAL
     WHERE event_id IN {ids:Array(String)} ORDER BY event_id, seq LIMIT ${movesMax} BY event_id`,
    { ids: eventIds },
  );
}

export interface LeafRow {
  readonly hash: string;
  readonly log_partition: number;
  /** Decimal text or number; null for events of the time before there was a tree. */
  readonly leaf_index: number | string | null;
}

/** Where an event stands in its partition's tree; undefined where canon does not have it. */
export async function readLeaf(warehouse: Warehouse, eventId: string): Promise<LeafRow | undefined> {
  const [row] = await warehouse.query<LeafRow>(
    'SELECT hash, log_partition, leaf_index FROM platform.canon_events WHERE event_id = {id:String} LIMIT 1',
    { id: eventId },
  );
  return row;
}

/** The event that erased a creator; undefined where none did. */
export async function readErasure(
  warehouse: Warehouse,
  creatorId: string,
): Promise<(LeafRow & { readonly body: string }) | undefined> {
  const [row] = await warehouse.query<LeafRow & { readonly body: string }>(
    "SELECT hash, log_partition, leaf_index, body FROM platform.canon_events WHERE entity_id = {id:String} AND type = 'creator.erased' LIMIT 1",
    { id: creatorId },
  );
  return row;
}

/** Ids of the events that name one of these as a cause, oldest first. */
export async function readEffects(
  warehouse: Warehouse,
  ids: readonly string[],
  limit: number,
): Promise<readonly string[]> {
  const rows = await warehouse.query<{ readonly event_id: string }>(
    `SELECT event_id FROM platform.canon_events WHERE hasAny(caused_by, {ids:Array(String)}) GROUP BY event_id, hlc ORDER BY hlc, event_id LIMIT {limit:UInt32}`,
    { ids, limit },
  );
  return rows.map(({ event_id }) => event_id);
}

/** The condition that tells events of an entity from claims about it. */
export function lineSql(isClaim = false): string {
  return `entity_type ${isClaim ? '=' : '!='} 'Claim'`;
}

export interface ChainRow extends RecordedRow {
  readonly entity_type: string;
  readonly entity_version: number;
}

/** The next events of an entity's chain after a position, in the chain's order. */
export function readChain(
  warehouse: Warehouse,
  { entityId, isClaim }: { readonly entityId: string; readonly isClaim: boolean },
  after: { readonly entityVersion: number; readonly eventId: string },
  limit: number,
): Promise<readonly ChainRow[]> {
  return warehouse.query<ChainRow>(
    `SELECT ${recordedColumns}, entity_type, entity_version FROM platform.canon_events FINAL
     WHERE entity_id = {entity:String} AND ${lineSql(isClaim)} AND entity_version >= {version:UInt32}
       AND (entity_version, event_id) > ({version:UInt32}, {event:String})
     ORDER BY entity_version, event_id LIMIT {limit:UInt32}`,
    { entity: entityId, version: after.entityVersion, event: after.eventId, limit },
  );
}
