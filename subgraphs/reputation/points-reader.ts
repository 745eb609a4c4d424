import DataLoader from 'dataloader';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import {
  type PointsAct,
  type PointsEntry,
  type PointsReplay,
  pointsOf,
  pointsReasons,
  replayPoints,
  stackExchange2018,
} from '../../schema/reputation/stackexchange-2018.ts';
import { type Connection, type PageArguments, pageRequest, toConnection } from '../shared/connection.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { badInput } from '../shared/errors.ts';
import { isVisible } from './score-reader.ts';

const batchMax = 500;
const evidenceIn: readonly Dimension[] = ['QUALITY', 'COMMUNITY', 'MENTORSHIP'];

/** A creator's points by the named rules, now or from what had happened by an instant; null unless the viewer may see the evidence. Throws BAD_USER_INPUT for rules that there are not. */
export async function pointsFor(
  context: SubgraphContext,
  { creatorId, asAt }: { readonly creatorId: string; readonly asAt: string | null },
  formula: string,
): Promise<{ readonly creatorId: string; readonly replay: PointsReplay } | null> {
  if (formula !== stackExchange2018)
    throw badInput(`there is no formula of this name: the one there is is ${stackExchange2018}`, 'formula');
  const visible = await Promise.all(evidenceIn.map((dimension) => isVisible(context, { creatorId, dimension })));
  if (visible.includes(false)) return null;
  return { creatorId, replay: replayPoints(await actsLoader(context, asAt).load(creatorId)) };
}

interface ActRow {
  readonly creator_id: string;
  readonly day: string;
  readonly reason: string;
  /** Of attested points; null where the rules say it. */
  readonly points: number | null;
  readonly id: string;
}

/** What happened to many creators, in one query per request. What they did themselves (but accept), and what was taken back or overturned, gives nothing. */
function actsLoader(
  { loaders, warehouse }: SubgraphContext,
  asAt: string | null,
): DataLoader<string, readonly PointsAct[]> {
  const until = asAt ?? endOfTime;
  const load = async (creators: readonly string[]): Promise<PointsAct[][]> => {
    const rows = Map.groupBy(await warehouse.query<ActRow>(actsSql, { creators, until }), (row) => row.creator_id);
    return creators.map((creator) => (rows.get(creator) ?? []).flatMap((row) => actOf(row) ?? []));
  };
  return loaders.own(`reputation points ${until}`, () => new DataLoader(load, { maxBatchSize: batchMax }));
}

const endOfTime = '2299-12-31 23:59:59.999';
const byThen = `occurred_at <= {until:DateTime64(3, 'UTC')}`;
const ledger = `platform.reputation_evidence FINAL WHERE refusal NOT IN ('SELF', 'AGENT', 'WITHDRAWN', 'OVERTURNED') AND ${byThen}`;
const actsSql = `
  SELECT creator_id, toString(toDate(any(occurred_at))) AS day,
    if(rule = 'WORK_APPROVED', 'QUESTION_APPROVED', toString(rule)) AS reason, NULL AS points, event_id AS id
  FROM ${ledger} AND creator_id IN {creators:Array(String)}
    AND rule IN ('WORK_APPROVED', 'ANSWER_APPROVED', 'WORK_DISAPPROVED', 'ANSWER_ACCEPTED')
  GROUP BY creator_id, rule, event_id
  UNION ALL
  SELECT source_id AS creator_id, toString(toDate(any(occurred_at))) AS day, 'ACCEPTED_AN_ANSWER' AS reason, NULL AS points, event_id AS id
  FROM ${ledger} AND source_id IN {creators:Array(String)} AND rule = 'ANSWER_ACCEPTED'
  GROUP BY source_id, event_id
  UNION ALL
  SELECT arrayJoin(arrayIntersect(JSONExtract(body, 'payload', 'creatorIds', 'Array(String)'), {creators:Array(String)})) AS creator_id,
    toString(toDate(occurred_at)) AS day, JSONExtractString(body, 'payload', 'reason') AS reason,
    JSONExtract(body, 'payload', 'points', 'Nullable(Int32)') AS points, event_id AS id
  FROM platform.canon_events FINAL WHERE type = 'reputation.points-attested' AND ${byThen}`;

function actOf({ day, reason: name, points, id }: ActRow): PointsAct | null {
  const reason = pointsReasons.find((known) => known === name);
  if (reason === undefined) return null;
  return { day, reason, points: points ?? (reason === 'BOUNTY' ? 0 : pointsOf[reason]), id };
}

/** A page of what points add up from, newest first. Its cursors count from the oldest, so that new entries do not move them. */
export function pointsPage(
  creatorId: string,
  { entries }: PointsReplay,
  page: PageArguments,
): Connection<Omit<PointsEntry, 'id'>> {
  const name = `points|${creatorId}`;
  const request = pageRequest(name, page);
  const end = request.after === undefined ? entries.length : Math.min(Number(request.after.value), entries.length);
  const start = Math.max(0, end - request.limit);
  const items = entries.slice(start, end).reverse();
  const keysets = items.map((_, index) => ({ value: end - 1 - index, id: '' }));
  return toConnection(name, request, { items, keysets, hasMore: start > 0 }, ({ id: _id, day, ...entry }) => ({
    ...entry,
    day: `${day}T00:00:00.000Z`,
  }));
}
