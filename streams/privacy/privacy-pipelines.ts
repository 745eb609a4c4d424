import { loadOrCreateKey } from '../../runtime/key-file.ts';
import { topics } from '../../schema/topics.ts';
import { createProcessor } from '../shared/processor.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { secretKey } from './crypto/keyed-hash.ts';
import { type Activity, decodeActivity, findContributions } from './contribution-steps.ts';
import type { ContributionMessage } from './contribution.ts';
import { type Outputs, type ReleaseSecrets, decodeContribution, releaseOnTicks } from './release-steps.ts';
import { cells, days, ledgerHead, marks, sealed, ticks, used } from './stores.ts';

/** Events and ticks → who did what in which window. Its output never leaves the log. */
const contributionProcessor: ProcessorConfig<Activity, 'privacyContributions'> = {
  name: 'privacy-contributions',
  input: 'events',
  outputs: ['privacyContributions'],
  stores: [ticks],
  decode: decodeActivity,
  handle: findContributions,
};

/**
 * Contributions and ticks → sealed releases. Budget, draw, seal and release commit in one transaction of the log; noise is a function of key, release and input, so a
 * batch that comes again gives the same bytes.
 */
export function releaseProcessor(secrets: ReleaseSecrets): ProcessorConfig<ContributionMessage, Outputs> {
  return {
    name: 'privacy',
    input: 'privacyContributions',
    outputs: ['privacyLedger', 'privacyReleases'],
    stores: [marks, cells, used, sealed, days, ledgerHead],
    decode: decodeContribution,
    handle: releaseOnTicks(secrets),
  };
}

/** Both processors on a log. The releases reach the warehouse through a sink. */
export async function createPrivacyPipelines(
  deps: StageDeps & { readonly dataDir: string },
): Promise<readonly Stage[]> {
  const epochKey = secretKey(loadOrCreateKey(deps.dataDir, 'privacy-epoch-1'));
  const eventPartitions = await deps.eventLog.partitionsOf(topics.events.name);
  return [
    createProcessor(contributionProcessor, deps),
    createProcessor(releaseProcessor({ epochKey, eventPartitions }), deps),
  ];
}
