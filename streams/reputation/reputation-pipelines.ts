import type { Evidence } from '../../schema/reputation/evidence.ts';
import type { TableName } from '../../schema/warehouse/tables.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import { createProcessor } from '../shared/processor.ts';
import type { SinkOptions } from '../shared/sink.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import type { Roots } from './domain/trust-network.ts';
import { replayOrderProcessor } from './replay-order.ts';
import { type Found, countEvidence, decodeEvent, decodeEvidence, evidenceId, findEvidence } from './steps.ts';
import { reputationStores } from './stores.ts';

/** Whom the operator trusts from the start. */
export interface ReputationOptions {
  /** Creators' ids; none by default. */
  readonly seeds?: readonly string[];
  /** How long a term of the seeds lasts, in milliseconds; null, or left out, lets all of them serve always. */
  readonly seedTermMs?: number | null;
  /** Trust, 0 to 1, in platforms by actor id (`platform:<name>`); `formula.platformTrust` for the others. */
  readonly platformTrust?: Readonly<Record<string, number>>;
  /** Walks of one seed, and of a platform in each group; `formula.trust.walksPerSeed` unless told otherwise. */
  readonly walksPerSeed?: number;
  /** Whether whoever gives or gets evidence is there without having registered. */
  readonly anybodyIsKnown?: boolean;
}

/** Whom the processor trusts from the start. */
export function rootsOf({ seeds, seedTermMs, platformTrust = {}, ...rest }: ReputationOptions): Roots {
  return { seeds: new Set(seeds), platformTrust, ...(seedTermMs ? { seedTermMs } : {}), ...rest };
}

/** Events → evidence about creators. Without state: each event speaks for itself. Evidence of replays takes the way by `reputation-replays` where it is to be brought in order. */
export function evidenceProcessor(
  ordersReplays: boolean,
): ProcessorConfig<Found, 'reputationEvidence' | 'reputationReplayed'> {
  return {
    name: 'reputation-evidence',
    input: 'events',
    outputs: ['reputationEvidence', 'reputationReplayed'],
    stores: [],
    decode: decodeEvent,
    handle: findEvidence(ordersReplays),
  };
}

/** Evidence → the ledger and the scores, a function of the evidence's log and the roots of trust. */
export function reputationProcessor(roots: Roots): ProcessorConfig<Evidence, 'reputationLedger' | 'reputationScores'> {
  return {
    name: 'reputation',
    input: 'reputationEvidence',
    outputs: ['reputationLedger', 'reputationScores'],
    stores: reputationStores,
    decode: decodeEvidence,
    dedupBy: evidenceId,
    handle: countEvidence(roots),
    place: { module: import.meta.url, name: 'reputationProcessor', args: [roots] },
  };
}

/**
 * The processors on a log. Their rows reach the warehouse through sinks. `mergedPartitions` is the number of partitions of `events` whose replays are to be brought in order;
 * null where the log has them in order by itself: one partition, which shares its commits with the graph store.
 */
export function createReputationPipelines(
  deps: StageDeps,
  options: ReputationOptions = {},
  mergedPartitions: number | null = null,
): readonly Stage[] {
  const processors = [
    createProcessor(evidenceProcessor(mergedPartitions !== null), deps),
    createProcessor(reputationProcessor(rootsOf(options)), deps),
  ];
  return mergedPartitions === null
    ? processors
    : [...processors, createProcessor(replayOrderProcessor(mergedPartitions), deps)];
}

/** What carries their rows to the warehouse. */
export const reputationSinks: readonly SinkOptions<TableName>[] = [
  { topic: 'reputationLedger', table: 'platform.reputation_evidence' },
  { topic: 'reputationScores', table: 'platform.reputation_scores' },
];
