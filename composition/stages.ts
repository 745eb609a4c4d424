import { type Config, ConfigError } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { rotatedSeedsMin } from '../schema/reputation/seeds.ts';
import { topics } from '../schema/topics.ts';
import type { TableName } from '../schema/warehouse/tables.ts';
import { canonProcessor, createCanonPipeline } from '../streams/canon/canon-pipeline.ts';
import { createPatternPipelines, patternsProcessor, sightingsProcessor } from '../streams/canon/pattern-pipelines.ts';
import { createTreeBuilder } from '../streams/canon/tree-builder.ts';
import { contributionProcessor, createPrivacyPipelines } from '../streams/privacy/privacy-pipelines.ts';
import { telemetryProcessor } from '../streams/privacy/telemetry.ts';
import { replayOrderProcessor } from '../streams/reputation/replay-order.ts';
import { createComparison } from '../streams/reputation/comparison.ts';
import {
  type ReputationOptions,
  createReputationPipelines,
  reputationProcessor,
  rootsOf,
  reputationSinks,
} from '../streams/reputation/reputation-pipelines.ts';
import type { AnyProcessor } from '../streams/shared/rebuild-state.ts';
import { type SinkOptions, createSink } from '../streams/shared/sink.ts';
import type { Stage, StageDeps, StageMetrics } from '../streams/shared/stage.ts';
import { createTicker } from '../streams/shared/ticker.ts';
import { treeSigner } from './canon-key.ts';
import type { Engines } from './engines.ts';

interface Parts {
  readonly config: Config;
  readonly engines: Engines;
  readonly deps: StageDeps;
}

/** The groups of processors that run alone with `stream NAME`, each with its sinks. The clock's ticks are part of `privacy`, which lives on them. */
const groups: Readonly<Record<string, (parts: Parts) => readonly Stage[] | Promise<readonly Stage[]>>> = {
  canon: ({ config, engines, deps }) => [
    createCanonPipeline(deps),
    ...createPatternPipelines(deps),
    createTreeBuilder({ ...deps, store: engines.store, signer: treeSigner(config) }),
  ],
  reputation: async ({ config, engines, deps }) => [
    ...createReputationPipelines(deps, seedsOf(config), await mergedPartitions(engines)),
    createComparison({ ...deps, ...engines }),
  ],
  privacy: async ({ config, engines, deps }) => [
    ...(await createPrivacyPipelines({ ...deps, dataDir: config.dataDir, lifetimeRho: config.privacyLifetimeRho })),
    createTicker({ latenessMs: config.tickLatenessMs }, { ...deps, ...engines }),
  ],
};

const sinks: Readonly<Record<string, readonly SinkOptions<TableName>[]>> = {
  canon: [
    { topic: 'canonRecords', table: 'platform.canon_events' },
    { topic: 'canonStatus', table: 'platform.canon_status' },
    { topic: 'canonCases', table: 'platform.canon_cases' },
    { topic: 'canonBranches', table: 'platform.canon_branches' },
  ],
  reputation: reputationSinks,
  privacy: [
    { topic: 'privacyReleases', table: 'analytics.releases' },
    { topic: 'privacyLedger', table: 'analytics.ledger', lingerMs: 500 },
    { topic: 'privacyRoots', table: 'analytics.ledger_roots', lingerMs: 500 },
    { topic: 'telemetryTallies', table: 'analytics.client_answers' },
  ],
};

export const stageNames: readonly string[] = Object.keys(groups);

interface StagesOptions {
  readonly engines: Engines;
  readonly logger: Logger;
  readonly metrics?: StageMetrics;
  readonly only?: string;
}

const depsOf = ({ engines, logger, metrics }: StagesOptions): StageDeps => ({
  eventLog: engines.eventLog,
  logger,
  ...(metrics ? { metrics } : {}),
});

/** Every processor and sink, or those of one group, in the order in which they are to start. */
export async function createStages(config: Config, options: StagesOptions): Promise<readonly Stage[]> {
  const { engines, only } = options;
  const deps = { ...depsOf(options), hasThreads: config.streamThreads };
  const chosen = Object.entries(groups).filter(([name]) => only === undefined || only === name);
  const stages: Stage[] = [];
  for (const [name, make] of chosen)
    stages.push(...(await make({ config, engines, deps })), ...createSinks({ ...options, only: name }));
  return stages;
}

/** What carries rows to the warehouse, alone. */
export function createSinks(options: StagesOptions): readonly Stage[] {
  const deps = depsOf(options);
  return Object.entries(sinks)
    .filter(([name]) => options.only === undefined || options.only === name)
    .flatMap(([, all]) => all.map((sink) => createSink(sink, { ...deps, warehouse: options.engines.warehouse })));
}

/** Throws {@link ConfigError} where terms would leave a group of seeds with nobody. */
function seedsOf({ reputationSeeds: seeds, seedTermMs }: Config): Pick<ReputationOptions, 'seeds' | 'seedTermMs'> {
  if (seedTermMs !== null && seeds.length < rotatedSeedsMin) {
    throw new ConfigError(
      `environment variable REPUTATION_SEED_TERM_DAYS: terms need at least ${rotatedSeedsMin} ids in REPUTATION_SEEDS, which has ${seeds.length}; name more, or leave it at 0`,
    );
  }
  return { seeds, seedTermMs };
}

/** Of how many partitions the evidence of replays is to be brought in order; null where one commit after the other has made one order of it. */
async function mergedPartitions({ eventLog, outbox }: Pick<Engines, 'eventLog' | 'outbox'>): Promise<number | null> {
  const partitions = await eventLog.partitionsOf(topics.events.name);
  return partitions === 1 && outbox === null ? null : partitions;
}

/** Processors whose state is a function of their input alone. `privacy` is not one: keys of past months, by which it drew, are destroyed. */
export async function recomputable(
  config: Config,
  engines: Pick<Engines, 'eventLog' | 'outbox'>,
): Promise<readonly AnyProcessor[]> {
  const merged = await mergedPartitions(engines);
  return [
    ...(merged === null ? [] : [replayOrderProcessor(merged)]),
    canonProcessor,
    sightingsProcessor,
    patternsProcessor(),
    reputationProcessor(rootsOf(seedsOf(config))),
    contributionProcessor,
    telemetryProcessor,
  ].map((processor) => processor as unknown as AnyProcessor);
}
