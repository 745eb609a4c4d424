import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { createCanonPipeline } from '../streams/canon/canon-pipeline.ts';
import { createPatternPipelines } from '../streams/canon/pattern-pipelines.ts';
import { createTreeBuilder } from '../streams/canon/tree-builder.ts';
import { createPrivacyPipelines } from '../streams/privacy/privacy-pipelines.ts';
import { createComparison } from '../streams/reputation/comparison.ts';
import { createReputationPipelines } from '../streams/reputation/reputation-pipelines.ts';
import { createSink } from '../streams/shared/sink.ts';
import type { Stage, StageDeps, StageMetrics } from '../streams/shared/stage.ts';
import { createTicker } from '../streams/shared/ticker.ts';
import { canonSigner } from './canon-key.ts';
import type { Engines } from './engines.ts';

interface Parts {
  readonly config: Config;
  readonly engines: Engines;
  readonly deps: StageDeps;
}

/** The groups of processors and sinks that run alone with `stream NAME`. The clock's ticks are part of `privacy`, which lives on them. */
const groups: Readonly<Record<string, (parts: Parts) => readonly Stage[] | Promise<readonly Stage[]>>> = {
  canon: ({ config, engines, deps }) => [
    createCanonPipeline(deps),
    ...createPatternPipelines(deps),
    createTreeBuilder({ ...deps, store: engines.store, signer: canonSigner(config) }),
    createSink({ topic: 'canonRecords', table: 'platform.canon_events' }, { ...deps, ...engines }),
    createSink({ topic: 'canonStatus', table: 'platform.canon_status' }, { ...deps, ...engines }),
    createSink({ topic: 'canonCases', table: 'platform.canon_cases' }, { ...deps, ...engines }),
    createSink({ topic: 'canonBranches', table: 'platform.canon_branches' }, { ...deps, ...engines }),
  ],
  reputation: ({ config, engines, deps }) => [
    ...createReputationPipelines(deps, { seeds: config.reputationSeeds }),
    createSink({ topic: 'reputationLedger', table: 'platform.reputation_evidence' }, { ...deps, ...engines }),
    createSink({ topic: 'reputationScores', table: 'platform.reputation_scores' }, { ...deps, ...engines }),
    createComparison({ ...deps, ...engines }),
  ],
  privacy: async ({ config, engines, deps }) => [
    ...(await createPrivacyPipelines({ ...deps, dataDir: config.dataDir, lifetimeRho: config.privacyLifetimeRho })),
    createSink({ topic: 'privacyReleases', table: 'analytics.releases' }, { ...deps, ...engines }),
    createSink({ topic: 'privacyLedger', table: 'analytics.ledger', lingerMs: 500 }, { ...deps, ...engines }),
    createSink({ topic: 'privacyRoots', table: 'analytics.ledger_roots', lingerMs: 500 }, { ...deps, ...engines }),
    createSink({ topic: 'telemetryTallies', table: 'analytics.client_answers' }, { ...deps, ...engines }),
    createTicker({ latenessMs: config.tickLatenessMs }, { ...deps, ...engines }),
  ],
};

export const stageNames: readonly string[] = Object.keys(groups);

/** Every processor and sink, or those of one group, in the order in which they are to start. */
export async function createStages(
  config: Config,
  options: {
    readonly engines: Engines;
    readonly logger: Logger;
    readonly metrics?: StageMetrics;
    readonly only?: string;
  },
): Promise<readonly Stage[]> {
  const { engines, logger, metrics, only } = options;
  const deps: StageDeps = { eventLog: engines.eventLog, logger, ...(metrics ? { metrics } : {}) };
  const chosen = Object.entries(groups).filter(([name]) => only === undefined || only === name);
  const stages: Stage[] = [];
  for (const [, make] of chosen) stages.push(...(await make({ config, engines, deps })));
  return stages;
}
