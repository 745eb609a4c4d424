import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import type { BadgeFacts } from '../../schema/reputation/badges.ts';
import type { RuleName } from '../../schema/reputation/rules.ts';

type Facts = Omit<BadgeFacts, 'skills'>;

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
  const sources = await warehouse.query<{ creator_id: string; rule: RuleName; people: number }>(
    `SELECT creator_id, rule, toUInt32(uniqExact(if(source_kind = 'EXTERNAL', event_id, source_id))) AS people
     FROM platform.reputation_evidence FINAL WHERE creator_id IN {creators:Array(String)} AND counted > 0 GROUP BY creator_id, rule`,
    { creators },
  );
  const scoresOf = Map.groupBy(scores, ({ creator_id }) => creator_id);
  const sourcesOf = Map.groupBy(sources, ({ creator_id }) => creator_id);
  return new Map(
    creators.map((id): [string, Facts] => [
      id,
      {
        scores: Object.fromEntries(
          (scoresOf.get(id) ?? []).map(({ dimension, low, evidence }) => [dimension, { low, evidence }]),
        ),
        sources: Object.fromEntries((sourcesOf.get(id) ?? []).map(({ rule, people }) => [rule, people])),
      },
    ]),
  );
}
