import { v7 as uuidv7 } from 'uuid';
import type { Dimension } from '../../schema/graph/catalogue.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import { isoFromWarehouse } from '../../schema/warehouse/tables.ts';
import type { CommandContext } from '../shared/command.ts';
import type { SubgraphDependencies } from '../shared/context.ts';
import { readBadgeFacts } from './badge-facts.ts';
import { settleBadges } from './commands/badges.ts';
import { publishDue } from './commands/collaboration-ratings.ts';
import { type ScorePoint, settleStanding } from './commands/standings.ts';

const creatorsMax = 100;
const dueMax = 500;
const everyMs = 60_000;

/**
 * What says whose level or badges may have changed. Scores; and of the ledger what badges for skills turn on, which may change no score: a third certificate by one creator within 30 days
 * counts nothing, and neither does what somebody says whom nobody trusts yet. A rule about rows, and how far in the log they have been seen.
 */
const sources = [
  { table: 'platform.reputation_scores', where: '1' },
  { table: 'platform.reputation_evidence', where: `rule IN ('CERTIFIED', 'ENDORSED')` },
] as const;
type Source = (typeof sources)[number];

/** Keeps everybody's level in step with their scores and the clock, and their badges with what they are for; publishes ratings that waited in vain for the other side. */
export interface LevelKeeper {
  /** Settles whoever's scores changed since the last time, and whoever has a decision due. Gives the number of decisions. */
  settleAll(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Several may run at once: a standing that another one changed meanwhile is settled anew. Without the warehouse a round fails and is tried again: levels
 * stay as they were last known.
 */
export function createLevelKeeper(dependencies: SubgraphDependencies): LevelKeeper {
  const logger = dependencies.logger.child({ part: 'trust-levels' });
  const seen = new Map<Source, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  async function settleAll(): Promise<number> {
    for (const id of await dueRounds(dependencies))
      await settle(dependencies, async (context) => Number(await publishDue(context, id)));
    let count = 0;
    for (const source of sources) count += await settleChanged(source);
    for (const creatorId of await dueCreators(dependencies))
      count += await settle(dependencies, (context) => settleStanding(context, { creatorId, points: [] }));
    return count;
  }

  async function settleChanged(source: Source): Promise<number> {
    let count = 0;
    for (;;) {
      const changed = await changedCreators(dependencies, source, seen.get(source) ?? 0);
      if (changed.length === 0 || isStopped) return count;
      const creators = changed.map(({ creator_id }) => creator_id);
      const points = await scorePoints(dependencies, creators);
      const facts = await readBadgeFacts(dependencies.warehouse, creators);
      for (const creatorId of creators) {
        count += await settle(dependencies, (context) =>
          settleStanding(context, { creatorId, points: points.get(creatorId) ?? [] }),
        );
        const known = facts.get(creatorId) ?? { scores: {}, people: {} };
        await settle(dependencies, (context) => settleBadges(context, { creatorId, facts: known }));
      }
      for (const { newest } of changed.slice(-1)) seen.set(source, newest);
    }
  }

  function round(): void {
    running = settleAll()
      .then((count) => count > 0 && logger.info({ count }, 'trust levels decided'))
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'trust levels could not be decided; the last known ones stand'),
      )
      .then(() => {
        if (!isStopped) timer = setTimeout(round, everyMs).unref();
      });
  }

  return {
    settleAll,
    start() {
      timer = setTimeout(round, everyMs).unref();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function settle(
  { store, masterKey, region, clock }: SubgraphDependencies,
  work: (context: CommandContext) => Promise<number>,
): Promise<number> {
  return store.transact((tx) => {
    const actor = { id: 'system:trust-levels', source: 'SYSTEM' } as const;
    const nowIso = hlcToIso(clock.now());
    const context: CommandContext = {
      ...{ tx, actor, masterKey, region, nowIso },
      hlc: (stored) => clock.nowAfter(stored),
      newId: () => uuidv7(),
    };
    return work(context);
  });
}

/** Whose newest row of a source is later in the log than `seen`, in that order. */
function changedCreators(
  { warehouse }: SubgraphDependencies,
  { table, where }: Source,
  seen: number,
): Promise<readonly { readonly creator_id: string; readonly newest: number }[]> {
  return warehouse.query(
    `SELECT creator_id, toFloat64(max(version)) AS newest FROM ${table} WHERE ${where}
     GROUP BY creator_id HAVING newest > {seen:Float64} ORDER BY newest LIMIT {limit:UInt32}`,
    { seen, limit: creatorsMax },
  );
}

interface PointRow {
  readonly creator_id: string;
  readonly dimension: Dimension;
  readonly low: number;
  readonly evidence: number;
  readonly changed_at: string;
  readonly version: number;
}

/** The last score of each day and dimension, in the order of the log. */
async function scorePoints(
  { warehouse }: SubgraphDependencies,
  creators: readonly string[],
): Promise<ReadonlyMap<string, readonly ScorePoint[]>> {
  const rows = await warehouse.query<PointRow>(
    `SELECT creator_id, dimension, low, evidence_count AS evidence, changed_at, toFloat64(version) AS version FROM (
       SELECT * FROM platform.reputation_score_history WHERE creator_id IN {creators:Array(String)}
       ORDER BY version DESC LIMIT 1 BY creator_id, dimension, toDate(changed_at)
     ) ORDER BY version`,
    { creators },
  );
  const point = ({ dimension, low, evidence, changed_at, version }: PointRow): ScorePoint => ({
    dimension,
    low,
    evidence,
    atMs: Date.parse(isoFromWarehouse(changed_at)),
    logOffset: version,
  });
  return new Map(
    [...Map.groupBy(rows, ({ creator_id }) => creator_id)].map(([creator, found]) => [creator, found.map(point)]),
  );
}

async function dueRounds({ store, clock }: SubgraphDependencies): Promise<readonly string[]> {
  const nowIso = hlcToIso(clock.now());
  const query = { type: 'CollaborationRound', where: { isOpen: 1 }, orderBy: 'dueAt', order: 'asc' } as const;
  const { items } = await store.find({ ...query, limit: dueMax });
  return items.filter(({ props }) => props.dueAt <= nowIso).map(({ id }) => id);
}

async function dueCreators({ store, clock }: SubgraphDependencies): Promise<readonly string[]> {
  const nowIso = hlcToIso(clock.now());
  const { items } = await store.find({ type: 'TrustStanding', orderBy: 'nextAt', order: 'asc', limit: dueMax });
  return items.filter(({ props }) => props.nextAt <= nowIso).map(({ props }) => props.creatorId);
}
