import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import { type BadgeFacts, badges } from '../../schema/reputation/badges.ts';

type Facts = Omit<BadgeFacts, 'skills'>;

/** The rules of each badge that asks for acts. A number names it in SQL. */
const acts = badges.flatMap(({ id, criteria }) => (criteria.kind === 'ACTS' ? [{ id, rules: criteria.rules }] : []));
const peopleSql = acts
  .map((_, at) => `toUInt32(uniqExactIf(person, has({rules${at}:Array(String)}, rule)))`)
  .join(', ');
const rulesOfActs = Object.fromEntries(acts.map(({ rules }, at) => [`rules${at}`, rules]));

/** What the warehouse says of creators that badges turn on. An anonymous vote is a person of its own. */
export async function readBadgeFacts(
  warehouse: Warehouse,
  creators: readonly string[],
): Promise<ReadonlyMap<string, Facts>> {
  const scores = await warehouse.query<{ creator_id: string; dimension: Dimension; low: number; evidence: number }>(
    `SELECT creator_id, dimension, low, evidence_count AS evidence FROM platform.reputation_scores FINAL
     WHERE creator_id IN {creators:Array(String)} AND evidence_count > 0`,
    { creators },
  );
  const people = await warehouse.query<{ creator_id: string; people: readonly number[] }>(
    `SELECT creator_id, [${peopleSql}] AS people FROM (
       SELECT creator_id, rule, if(source_kind = 'EXTERNAL', event_id, source_id) AS person
       FROM platform.reputation_evidence FINAL WHERE creator_id IN {creators:Array(String)} AND counted > 0
     ) GROUP BY creator_id`,
    { creators, ...rulesOfActs },
  );
  const scoresOf = Map.groupBy(scores, ({ creator_id }) => creator_id);
  const peopleOf = new Map(people.map((row) => [row.creator_id, row.people]));
  return new Map(
    creators.map((id): [string, Facts] => [
      id,
      {
        scores: Object.fromEntries(
          (scoresOf.get(id) ?? []).map(({ dimension, low, evidence }) => [dimension, { low, evidence }]),
        ),
        people: Object.fromEntries(acts.map((badge, at) => [badge.id, peopleOf.get(id)?.[at] ?? 0])),
      },
    ]),
  );
}
