import DataLoader from 'dataloader';
import type { Keyset } from '../../engines/graph-store/port.ts';
import type { QueryParameter, Warehouse } from '../../engines/warehouse/port.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { isReadable, readableEvents, readerOf } from './canon-reader.ts';
import type { Reader } from './domain/access.ts';
import { type CaseRow, maySeeCase, seesAllCases } from './domain/review.ts';
import type { Recorded } from './recorded.ts';

const columns = Object.keys(tables['platform.canon_cases'].shape).join(', ');
const movesMax = 100;
const batchMax = 500;

export interface CaseFilter {
  readonly states?: readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly entityId?: string | undefined;
  readonly party?: string | undefined;
  readonly assigneeId?: string | undefined;
  readonly isUnassigned?: boolean;
}

type Parameters = Record<string, QueryParameter>;

/** What `maySeeCase` (domain/review.ts) says of one case, as a condition on rows; null where all are visible. */
function visibleCasesSql(reader: Reader, parameters: Parameters): string | null {
  if (seesAllCases(reader)) return null;
  parameters['reader'] = reader.creatorId ?? '';
  return "(has(parties, {reader:String}) OR assignee = {reader:String}) AND {reader:String} != ''";
}

/** In which order cases are listed: the text by which they sort, and which way. */
const orders = {
  newest: { key: 'toString(opened_at)', way: 'DESC' },
  /** The most often missed first, then by deadline. */
  queue: { key: "concat(leftPad(toString(4294967295 - escalations), 10, '0'), toString(due_at))", way: 'ASC' },
} as const;
type CaseOrder = keyof typeof orders;

function conditionsSql(filter: CaseFilter, reader: Reader, parameters: Parameters): readonly string[] {
  const conditions: string[] = [];
  const add = (name: string, value: QueryParameter | undefined, sql: string): void => {
    if (value === undefined) return;
    parameters[name] = value;
    conditions.push(sql);
  };
  add('states', filter.states, 'state IN {states:Array(String)}');
  add('kinds', filter.kinds, 'kind IN {kinds:Array(String)}');
  add('party', filter.party, 'has(parties, {party:String})');
  add('assignee', filter.assigneeId, 'assignee = {assignee:String}');
  if (filter.isUnassigned === true) conditions.push("assignee = ''");
  const visible = visibleCasesSql(reader, parameters);
  return visible === null ? conditions : [...conditions, visible];
}

async function listCases(
  warehouse: Warehouse,
  list: { filter: CaseFilter; reader: Reader; order: CaseOrder; after?: Keyset; limit: number },
): Promise<readonly (CaseRow & { readonly sort_key: string })[]> {
  const { filter, reader, order, after, limit } = list;
  const { key, way } = orders[order];
  const parameters: Parameters = { limit };
  const conditions = [...conditionsSql(filter, reader, parameters)];
  if (after) {
    conditions.push(`(sort_key, case_id) ${way === 'DESC' ? '<' : '>'} ({afterKey:String}, {afterId:String})`);
    Object.assign(parameters, { afterKey: String(after.value), afterId: after.id });
  }
  if (filter.entityId !== undefined) parameters['entity'] = filter.entityId;
  return warehouse.query(
    `SELECT ${columns}, ${key} AS sort_key
     FROM (
       SELECT ${columns} FROM platform.canon_cases ${filter.entityId === undefined ? '' : 'WHERE entity_id = {entity:String}'}
       ORDER BY case_id, seq DESC LIMIT 1 BY case_id
     )
     ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
     ORDER BY sort_key ${way}, case_id ${way} LIMIT {limit:UInt32}`,
    parameters,
  );
}

/** A page of the cases that the caller may see. Throws UNAUTHENTICATED, or BAD_USER_INPUT naming the argument. */
export async function casePage(
  context: SubgraphContext,
  { filter, order }: { readonly filter: CaseFilter; readonly order: CaseOrder },
  page: PageArguments,
): Promise<Connection<CaseRow>> {
  const reader = readerOf(context);
  const name = `cases|${order}|${JSON.stringify(filter)}`;
  const request = pageRequest(name, page);
  const { limit, after } = request;
  const rows = await listCases(context.warehouse, { filter, reader, order, limit: limit + 1, ...(after && { after }) });
  const items = rows.slice(0, limit);
  const keysets = items.map(({ sort_key, case_id }) => ({ value: sort_key, id: case_id }));
  return toConnection(name, request, { items, keysets, hasMore: rows.length > limit }, (row) => row);
}

/** The newest row of a case; null where there is none, or none for the caller. */
export async function visibleCase(context: SubgraphContext, caseId: string): Promise<CaseRow | null> {
  const load = async (ids: readonly string[]): Promise<(CaseRow | null)[]> => {
    const rows = await context.warehouse.query<CaseRow>(
      `SELECT ${columns} FROM platform.canon_cases WHERE case_id IN {ids:Array(String)} ORDER BY case_id, seq DESC LIMIT 1 BY case_id`,
      { ids },
    );
    const byId = new Map(rows.map((row) => [row.case_id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  };
  const row = await context.loaders
    .own('canon cases', () => new DataLoader(load, { maxBatchSize: batchMax }))
    .load(caseId);
  return row !== null && maySeeCase(row, readerOf(context)) ? row : null;
}

/** The events in dispute that the caller may see. Whoever is to review them may, as long as they are to. */
export async function disputedEvents(context: SubgraphContext, row: CaseRow): Promise<readonly Recorded[]> {
  const isReviewer = row.state !== 'RESOLVED' && row.assignee !== '' && row.assignee === readerOf(context).creatorId;
  const found = await readableEvents(
    context,
    row.event_ids,
    (event, reader) => isReadable(reader, event) || (isReviewer && event.status !== 'NON_CANONICAL'),
  );
  return found.filter((event) => event !== null);
}

/** The moves of a case, the first one first. */
export function caseMoves({ loaders, warehouse }: SubgraphContext, caseId: string): Promise<readonly CaseRow[]> {
  const load = async (ids: readonly string[]): Promise<CaseRow[][]> => {
    const rows = await warehouse.query<CaseRow>(
      `SELECT ${columns} FROM platform.canon_cases FINAL WHERE case_id IN {ids:Array(String)} ORDER BY case_id, seq LIMIT ${movesMax} BY case_id`,
      { ids },
    );
    const byCase = Map.groupBy(rows, (row) => row.case_id);
    return ids.map((id) => byCase.get(id) ?? []);
  };
  return loaders.own('canon case moves', () => new DataLoader(load, { maxBatchSize: batchMax })).load(caseId);
}
