import type { KnownEvent } from '../../schema/events/catalogue.ts';
import type { Evidence } from '../../schema/reputation/evidence.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import { createProcessor } from '../shared/processor.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import type { Roots } from './domain/trust-network.ts';
import { countEvidence, decodeEvent, decodeEvidence, evidenceId, findEvidence } from './steps.ts';
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

/** Events → evidence about creators. Without state: each event speaks for itself. */
export const evidenceProcessor: ProcessorConfig<KnownEvent, 'reputationEvidence'> = {
  name: 'reputation-evidence',
  input: 'events',
  outputs: ['reputationEvidence'],
  stores: [],
  decode: decodeEvent,
  handle: findEvidence,
};

/** Evidence → the ledger and the scores, a function of the evidence's log and the roots of trust. */
export function reputationProcessor(roots: Roots): ProcessorConfig<Evidence, 'reputationLedger' | 'reputationScores'> {
  return {
    name: 'reputation',
    input: 'reputationEvidence',
    outputs: ['reputationLedger', 'reputationScores'],
    newestPerKey: ['reputationScores'],
    stores: reputationStores,
    decode: decodeEvidence,
    dedupBy: evidenceId,
    handle: countEvidence(roots),
  };
}

/** Both processors on a log. Their rows reach the warehouse through sinks. */
export function createReputationPipelines(deps: StageDeps, options: ReputationOptions = {}): readonly Stage[] {
  const roots = rootsOf(options);
  return [createProcessor(evidenceProcessor, deps), createProcessor(reputationProcessor(roots), deps)];
}
