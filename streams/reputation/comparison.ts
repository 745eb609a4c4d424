import { setTimeout as sleep } from 'node:timers/promises';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import { formula, formulaVersion } from '../../schema/reputation/formula.ts';
import { pointsSql } from '../../schema/reputation/points-sql.ts';
import { type RowOf, warehouseInstant } from '../../schema/warehouse/tables.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { Tally } from '../shared/tally.ts';

/** How many of the highest are compared, and the share of them that must agree. */
const topMax = 1_000;
export const overlapMin = 0.97;
const name = 'reputation-comparison';
const dayMs = 86_400_000;
/** The hour of the day (UTC) after which a day's comparison is made. */
const nightMs = 2 * 3_600_000;

/** What a batch says of one dimension. */
export interface Comparison {
  readonly dimension: Dimension;
  readonly creators: number;
  readonly top: number;
  /** Share of the highest, 0 to 1, that are the highest both by the scores that stand and by the batch. */
  readonly overlap: number;
  /** Between a score and its recomputation, in points of 100. */
  readonly largestDifference: number;
}

const { prior, negativeFactor } = formula;
/**
 * Each score anew from the whole ledger, at the score's own instant. A creator whose ledger has moved on already, while its score is on
 * its way to the warehouse, is left out. Equals (to a billionth) are ordered by id on both sides.
 */
const batchSql = `
  SELECT dimension, toUInt32(count()) AS creators, toUInt32(least(${topMax}, count())) AS top,
    countIf(standing <= ${topMax} AND recomputed <= ${topMax}) / least(${topMax}, count()) AS overlap,
    max(abs(score - batch)) AS largestDifference
  FROM (
    SELECT dimension, score, batch,
      row_number() OVER (PARTITION BY dimension ORDER BY round(score, 9) DESC, creator_id) AS standing,
      row_number() OVER (PARTITION BY dimension ORDER BY round(batch, 9) DESC, creator_id) AS recomputed
    FROM (
      SELECT creator_id, dimension, any(score) AS score, sumKahanIf(points, points > 0) AS r, sumKahanIf(-points, points < 0) AS s,
        100 * (r + ${prior.positive}) / (r + ${negativeFactor} * s + ${prior.positive + prior.negative}) AS batch
      FROM (
        SELECT scores.creator_id AS creator_id, scores.dimension AS dimension, scores.score AS score, scores.version AS upto,
          scores.decay_at AS decay_until, pieces.decay_at AS decay_at, pieces.counted AS counted, pieces.version AS piece_version,
          pieces.refusal AS refusal, pieces.trust AS trust, ${pointsSql} AS points
        FROM (SELECT creator_id, dimension, score, version, decay_at FROM platform.reputation_scores FINAL WHERE evidence_count > 0) AS scores
        LEFT JOIN (SELECT creator_id, dimension, counted, version, decay_at, refusal, trust FROM platform.reputation_evidence FINAL) AS pieces
          ON scores.creator_id = pieces.creator_id AND scores.dimension = pieces.dimension
      )
      GROUP BY creator_id, dimension
      HAVING maxIf(piece_version, counted != 0 OR (refusal IN ('WITHDRAWN', 'OVERTURNED') AND trust > 0)) <= any(upto)
    )
  )
  GROUP BY dimension ORDER BY dimension`;

/** Recomputes every score from the ledger in the warehouse, and compares. Dimensions without scores are not in it. */
export function compareScores(warehouse: Warehouse): Promise<readonly Comparison[]> {
  return warehouse.query<Comparison>(batchSql);
}

export interface ComparisonDeps extends StageDeps {
  readonly warehouse: Warehouse;
}

/** Compares once a night, writes the result to `platform.reputation_comparisons`, tells it as gauges and raises an error where fewer agree than must. */
export interface ComparisonStage extends Stage {
  /** Compares now and writes the result down as the day's. */
  compare(): Promise<readonly Comparison[]>;
}

export function createComparison(deps: ComparisonDeps, { pollMs = 60_000 } = {}): ComparisonStage {
  const { warehouse, nowMs = Date.now } = deps;
  const logger = deps.logger.child({ stage: name });
  const tally = new Tally(name, deps.metrics);
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let newest: readonly Comparison[] = [];

  async function compare(): Promise<readonly Comparison[]> {
    const atMs = nowMs();
    newest = await compareScores(warehouse);
    const rows = newest.map((one) => rowOf(one, atMs));
    if (rows.length > 0) await warehouse.insert('platform.reputation_comparisons', rows, `${name}-${atMs}`);
    for (const each of newest) {
      tally.count('ok', '', 1);
      if (each.overlap < overlapMin) logger.error(each, alarm(each));
    }
    return newest;
  }

  async function isDone(day: string): Promise<boolean> {
    const rows = await warehouse.query('SELECT 1 FROM platform.reputation_comparisons WHERE day = {day:Date} LIMIT 1', {
      day,
    });
    return rows.length > 0;
  }

  /** A night that was missed is made up for the next time. A day without scores is asked about again and again, at the price of a query. */
  async function compareIfDue(): Promise<void> {
    const atMs = nowMs();
    if (atMs % dayMs >= nightMs && !(await isDone(dayOf(atMs)))) await compare();
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await compareIfDue().catch((error: unknown) => {
        tally.failure();
        logger.error({ err: error }, 'the comparison failed; it will be tried again');
      });
      await sleep(pollMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    name,
    compare,
    stats: () => tally.stats(),
    lag: async () => [],
    gauges: () => [
      {
        name: 'vcos_reputation_overlap_ratio',
        help: 'Share of the highest scores on which stream and nightly batch agree; below 0.97 something is wrong',
        labels: ['dimension'],
        values: newest.map(({ dimension, overlap }) => ({ labels: { dimension }, value: overlap })),
      },
    ],
    async start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function alarm({ dimension, top, overlap }: Comparison): string {
  return `reputation: of the highest ${top} in ${dimension} only ${(100 * overlap).toFixed(1)} % are the highest by a recomputation from the ledger, too`;
}

function rowOf(comparison: Comparison, atMs: number): RowOf<'platform.reputation_comparisons'> {
  const { dimension, creators, top, overlap, largestDifference } = comparison;
  return {
    day: dayOf(atMs),
    dimension,
    formula_version: formulaVersion,
    creators,
    top,
    overlap,
    largest_difference: largestDifference,
    compared_at: warehouseInstant(atMs * 1000),
  };
}
