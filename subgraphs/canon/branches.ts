import { formatHlc } from '../../schema/hlc.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { fullReaderOf, readableEvents } from './canon-reader.ts';
import { type BranchChange, compareBranches } from './domain/entity-state.ts';
import { type EntityAt, entityAt, follow } from './entity-at.ts';
import { type Parameters, readableSql } from './queries.ts';
import type { Recorded } from './recorded.ts';

/** Events of a branch that are looked at. */
const eventsMax = 1_000;

/** A line of an entity's history beside the main one, its events in no order. */
export interface BranchRow {
  readonly branch_id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly case_id: string;
  readonly is_open: boolean;
  readonly moved_at: string;
  readonly event_ids: readonly string[];
}

/** What was on a branch stays part of it once it is reconciled. */
const branchSql = (where: string, having = ''): string =>
  `SELECT branch_id, entity_type, entity_id, argMax(rows.case_id, rows.moved_at) AS case_id, max(rows.is_member) AS is_open,
     toString(max(rows.moved_at)) AS moved_at, groupArray(${eventsMax})(event_id) AS event_ids
   FROM platform.canon_branches AS rows FINAL WHERE ${where} GROUP BY branch_id, entity_type, entity_id ${having}`;

/** The branch whose root is this event, whoever asks. */
async function readBranch(warehouse: Warehouse, branchId: string): Promise<BranchRow | null> {
  const [row] = await warehouse.query<BranchRow>(branchSql('branch_id = {id:String}'), { id: branchId });
  return row ?? null;
}

/** The branch whose root is this event; null where there is none, or none for the caller. */
export async function visibleBranch(context: SubgraphContext, branchId: string): Promise<BranchRow | null> {
  const [root] = await readableEvents(context, [branchId]);
  return root ? readBranch(context.warehouse, branchId) : null;
}

/** A page of branches whose root the caller may see, the ones that changed last first. Throws BAD_USER_INPUT naming the argument. */
export async function branchPage(
  context: SubgraphContext,
  { entityId, isOpen }: { readonly entityId: string | null; readonly isOpen: boolean },
  page: PageArguments,
): Promise<Connection<BranchRow>> {
  const reader = await fullReaderOf(context);
  const name = `branches|${entityId ?? ''}|${isOpen}`;
  const request = pageRequest(name, page);
  const parameters: Parameters = { limit: request.limit + 1 };
  const readable = readableSql(reader, parameters);
  const conditions = [
    `branch_id IN (SELECT event_id FROM platform.canon_events FINAL WHERE event_id IN (SELECT branch_id FROM platform.canon_branches) AND ${readable})`,
  ];
  if (entityId !== null) {
    parameters['entity'] = entityId;
    conditions.push('entity_id = {entity:String}');
  }
  const having = isOpen ? ['is_open'] : [];
  if (request.after) {
    Object.assign(parameters, { afterAt: String(request.after.value), afterId: request.after.id });
    having.push('(moved_at, branch_id) < ({afterAt:String}, {afterId:String})');
  }
  const rows = await context.warehouse.query<BranchRow>(
    `SELECT * FROM (${branchSql(conditions.join(' AND '), having.length === 0 ? '' : `HAVING ${having.join(' AND ')}`)})
     ORDER BY moved_at DESC, branch_id DESC LIMIT {limit:UInt32}`,
    parameters,
  );
  const items = rows.slice(0, request.limit);
  const keysets = items.map(({ moved_at, branch_id }) => ({ value: moved_at, id: branch_id }));
  return toConnection(name, request, { items, keysets, hasMore: rows.length > request.limit }, (row) => row);
}

/** The events of a branch that the caller may see, in the chain's order. */
export async function branchEvents(context: SubgraphContext, branch: BranchRow): Promise<readonly Recorded[]> {
  const events = await readableEvents(context, branch.event_ids);
  return events.filter((event) => event !== null).sort((a, b) => a.event.entityVersion - b.event.entityVersion);
}

interface BranchLine {
  readonly branch: BranchRow;
  readonly rootVersion: number;
  /** What was CANONICAL where it parted. */
  readonly base: EntityAt | null;
  readonly tip: EntityAt | null;
}

/** A branch's line up to a reading of the clock; null where the caller may not see all of it. */
async function lineOf(context: SubgraphContext, branchId: string, at: string): Promise<BranchLine | null> {
  const branch = await visibleBranch(context, branchId);
  if (branch === null) return null;
  const events = await branchEvents(context, branch);
  const root = events.find(({ event }) => event.id === branchId);
  if (!root || events.length < branch.event_ids.length) return null;
  const asked = { entityId: branch.entity_id, at, knownAt: null, isClaim: branch.entity_type === 'Claim' };
  const rootVersion = root.event.entityVersion;
  const base = await entityAt(context, { ...asked, beforeVersion: rootVersion });
  return { branch, rootVersion, base, tip: follow(base, asked, events) };
}

/** An entity as it was on a branch; null where there is no such branch of it, or not all of it is for the caller. */
export async function entityOnBranch(
  context: SubgraphContext,
  asked: { readonly entityId: string; readonly branchId: string; readonly at: string },
): Promise<EntityAt | null> {
  const line = await lineOf(context, asked.branchId, asked.at);
  return line?.branch.entity_id === asked.entityId ? line.tip : null;
}

export interface BranchComparison {
  readonly base: EntityAt | null;
  readonly other: EntityAt | null;
  readonly branch: EntityAt | null;
  readonly changes: readonly BranchChange[];
}

/** A branch beside the main line, or beside another branch of the same entity; null where either is not for the caller. */
export async function branchComparison(
  context: SubgraphContext,
  asked: { readonly branchId: string; readonly withId: string | null; readonly at: string | null },
): Promise<BranchComparison | null> {
  const at = asked.at ?? formatHlc(context.clock.now());
  const line = await lineOf(context, asked.branchId, at);
  if (line === null) return null;
  const entityId = line.branch.entity_id;
  if (asked.withId === null) {
    const other = await entityAt(context, {
      ...{ entityId, at, knownAt: null },
      isClaim: line.branch.entity_type === 'Claim',
    });
    return compared(line.base, other, line.tip);
  }
  const beside = await lineOf(context, asked.withId, at);
  if (beside?.branch.entity_id !== entityId) return null;
  // They parted where the first of them left the main line.
  const base = beside.rootVersion < line.rootVersion ? beside.base : line.base;
  return compared(base, beside.tip, line.tip);
}

function compared(base: EntityAt | null, other: EntityAt | null, branch: EntityAt | null): BranchComparison {
  const changes = compareBranches(base?.state ?? {}, { other: other?.state ?? {}, branch: branch?.state ?? {} });
  return { base, other, branch, changes };
}
