import { loadOrCreateKey } from '../../runtime/key-file.ts';
import type { ApiUse } from '../../schema/api-use.ts';
import type { LedgerHead } from '../../schema/metrics/ledger-row.ts';
import { parseRational } from '../../schema/metrics/rational.ts';
import { topics } from '../../schema/topics.ts';
import { createProcessor } from '../shared/processor.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { signingKey } from './crypto/signed-root.ts';
import { contributeApiUse, decodeApiUse } from './api-use-steps.ts';
import { type Activity, decodeActivity, findContributions } from './contribution-steps.ts';
import type { ContributionMessage } from './contribution.ts';
import { createKeyKeeper, epochKeys } from './keys.ts';
import { checkLedger } from './ledger-guard.ts';
import type { Outputs } from './publish-window.ts';
import { decodeContribution, releaseOnTicks } from './release-steps.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { releaseStores, ticks } from './stores.ts';
import { telemetryProcessor } from './telemetry.ts';

/** Events and ticks → who did what in which window. Its output never leaves the log. */
export const contributionProcessor: ProcessorConfig<Activity, 'privacyContributions'> = {
  name: 'privacy-contributions',
  input: 'events',
  outputs: ['privacyContributions'],
  stores: [ticks],
  decode: decodeActivity,
  handle: findContributions,
};

/** What callers of the API met → who met what in which window. It has no clock of its own: the windows close with the ticks of `events`. */
const apiUseProcessor: ProcessorConfig<ApiUse, 'privacyContributions'> = {
  name: 'privacy-api-use',
  input: 'apiUse',
  outputs: ['privacyContributions'],
  stores: [],
  decode: decodeApiUse,
  handle: contributeApiUse,
};

/**
 * Contributions and ticks → sealed releases. Budget, draw, seal and release commit in one transaction of the log; noise is a function of key, release and input, so a
 * batch that comes again gives the same bytes.
 */
export function releaseProcessor(secrets: ReleaseSecrets): ProcessorConfig<ContributionMessage, Outputs> {
  return {
    name: 'privacy',
    input: 'privacyContributions',
    outputs: ['privacyLedger', 'privacyReleases', 'privacyRoots'],
    stores: releaseStores,
    decode: decodeContribution,
    handle: releaseOnTicks(secrets),
    // Two days of windows with all the private keys that may show.
    limits: { emissionsMax: 20_000 },
  };
}

interface PrivacyOptions {
  readonly dataDir: string;
  /** What all days of one account together may cost, as an exact fraction; null for no such filter. */
  readonly lifetimeRho: string | null;
}

/** Where the ledger on the log stood, from the start of the processor on. */
interface LedgerAtStart {
  head: LedgerHead | null;
}

/** The processor of releases with the keys of a directory: a thread of its own reads them there itself, so that no key is told. */
export function releasesOf(
  options: PrivacyOptions & { readonly eventPartitions: number },
  ledger: Readonly<LedgerAtStart>,
): ProcessorConfig<ContributionMessage, Outputs> {
  const { dataDir, eventPartitions, lifetimeRho } = options;
  const processor = releaseProcessor({
    epochKey: epochKeys(dataDir),
    rootKey: signingKey(loadOrCreateKey(dataDir, 'privacy-root')),
    eventPartitions,
    lifetimeRho: lifetimeRho === null ? null : parseRational(lifetimeRho),
    ledgerAtStart: () => ledger.head,
  });
  return { ...processor, place: { module: import.meta.url, name: 'releasesOf', args: [options, ledger] } };
}

/** The processors on a log, and the keeper of their keys. The releases reach the warehouse through a sink. */
export async function createPrivacyPipelines(deps: StageDeps & PrivacyOptions): Promise<readonly Stage[]> {
  const { dataDir, eventLog, lifetimeRho } = deps;
  const eventPartitions = await eventLog.partitionsOf(topics.events.name);
  const ledger: LedgerAtStart = { head: null };
  const releases = createProcessor(releasesOf({ dataDir, lifetimeRho, eventPartitions }, ledger), deps);
  const guarded: Stage = {
    ...releases,
    async start() {
      // A thread is told of it when the processor begins its partition.
      ledger.head = await checkLedger(eventLog, deps.logger.child({ stage: releases.name }));
      await releases.start();
    },
  };
  return [
    createProcessor(contributionProcessor, deps),
    createProcessor(apiUseProcessor, deps),
    guarded,
    createKeyKeeper(deps),
    createProcessor(telemetryProcessor, deps),
  ];
}
