/** Runs of the release processor in memory, for tests and the audit. */
import type { RowOf } from '../../schema/warehouse/tables.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { type LedgerRow, ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { topics } from '../../schema/topics.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { hourUs } from './clock.ts';
import type { ActivityMessage, ContributionMessage, Item } from './contribution.ts';
import { secretKey } from './crypto/keyed-hash.ts';
import { signingKey } from './crypto/signed-root.ts';
import { releaseProcessor } from './privacy-pipelines.ts';
import type { ReleaseSecrets } from './secrets.ts';

/** Midnight of 2017-11-30: the last day of an epoch. */
const t0 = 420_000 * hourUs;
export const testDay = '2017-11-30';

export const tick = (hours: number, options: { partition?: number; domain?: string } = {}): ContributionMessage => ({
  kind: 'tick',
  domain: options.domain ?? 'live',
  wallUs: t0 + hours * hourUs,
  partition: options.partition ?? 0,
});

/** An account adds items at an hour. */
export const does = (account: string, hours: number, items: readonly Item[], domain = 'live'): ActivityMessage => ({
  kind: 'activity',
  domain,
  account,
  wallUs: t0 + hours * hourUs,
  items: [...items],
  present: false,
  pair: null,
});

/** An account acts: one activity of a kind, and one active account. */
export const act = (account: string, hours: number, kind: string, domain = 'live'): ActivityMessage => ({
  ...does(
    account,
    hours,
    [
      ['activity-by-kind-hour', kind, 1, null],
      ['active-creators-day', 'ALL', 1, null],
    ],
    domain,
  ),
  present: true,
});

const testSecrets = (seed: number): ReleaseSecrets => {
  const epochKey = secretKey(Buffer.alloc(32, seed));
  return {
    epochKey: () => epochKey,
    rootKey: signingKey(Buffer.alloc(32, 5)),
    eventPartitions: 1,
    lifetimeRho: null,
    ledgerAtStart: () => ({ seq: -1, hash: '0'.repeat(64) }),
  };
};

/** The release processor as tests and benchmarks run it, with keys that follow from a number. */
export const releaseConfig = (secrets: Partial<ReleaseSecrets> = {}): ReturnType<typeof releaseProcessor> =>
  releaseProcessor({ ...testSecrets(3), ...secrets });

/** Runs messages as one batch, on an empty state or one left behind by another run. */
export function run(
  messages: readonly ContributionMessage[],
  options: Partial<ReleaseSecrets> & { readonly after?: DryRun } = {},
): DryRun {
  const { after, ...secrets } = options;
  const records = messages.map((message, offset) =>
    recordOf({ topic: topics.privacyContributions.name, offset, value: JSON.stringify(message) }),
  );
  return dryRun(releaseConfig(secrets), records, after ? changelogOf(after) : []);
}

/** The releases of one metric, or of all with null. */
export const released = (
  dry: DryRun,
  metric: string | null = 'activity-by-kind-hour',
): readonly RowOf<'analytics.releases'>[] =>
  dry
    .emitted('privacyReleases')
    .filter((row) => metric === null || (row as { readonly metric?: unknown }).metric === metric)
    .map((row) => tables['analytics.releases'].parse(row));

export const ledgerOf = (dry: DryRun): readonly LedgerRow[] =>
  dry.emitted('privacyLedger').map((row) => ledgerRowSchema.parse(row));
