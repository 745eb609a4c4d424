import { describe, expect, test } from '@jest/globals';
import { activityByKindHour, activityKinds } from '../../schema/metrics/activity-by-kind-hour.ts';
import { ledgerRowSchema } from '../../schema/metrics/ledger-row.ts';
import { zero } from '../../schema/metrics/rational.ts';
import { topics } from '../../schema/topics.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import { secretKey } from './crypto/keyed-hash.ts';
import type { ContributionMessage } from './contribution.ts';
import { verifyLedger } from './domain/ledger/verify.ts';
import { releaseProcessor } from './privacy-pipelines.ts';

const hourUs = 3_600_000_000;
const epochKey = secretKey(Buffer.alloc(32, 3));
const t0 = 420_000 * hourUs;

const tick = (hours: number, options: { partition?: number; domain?: string } = {}): ContributionMessage => ({
  kind: 'tick',
  domain: options.domain ?? 'live',
  wallUs: t0 + hours * hourUs,
  partition: options.partition ?? 0,
});
const act = (account: string, hours: number, key: string, domain = 'live'): ContributionMessage => ({
  kind: 'contribution',
  metric: 'activity-by-kind-hour',
  domain,
  account,
  windowUs: t0 + hours * hourUs,
  key,
  value: 1,
});

function run(messages: readonly ContributionMessage[], options: { partitions?: number; after?: DryRun } = {}): DryRun {
  const records = messages.map((message, offset) =>
    recordOf({ topic: topics.privacyContributions.name, offset, value: JSON.stringify(message) }),
  );
  const config = releaseProcessor({ epochKey, eventPartitions: options.partitions ?? 1 });
  return dryRun(config, records, options.after ? changelogOf(options.after) : []);
}

const released = (dry: DryRun) => dry.emitted('privacyReleases').map((row) => tables['analytics.releases'].parse(row));
const valueOf = (dry: DryRun, key: string): number | undefined => released(dry).find((row) => row.key === key)?.value;

describe('releases of private activity', () => {
  test('every key of every window is released when the clock passes, empty ones too', () => {
    const rows = released(run([tick(0), act('ann', 0, 'POST'), tick(2)]));
    expect(rows.map((row) => row.key)).toEqual([...activityKinds, ...activityKinds]);
    expect(rows.every((row) => row.low < row.value && row.value < row.high && row.sigma2 === '200')).toBe(true);
  });

  test('nothing is released before the clock passes, whatever happens', () => {
    expect(released(run([tick(0), ...Array.from({ length: 50 }, (_, n) => act(`account-${n}`, 0, 'POST'))]))).toEqual(
      [],
    );
  });

  test('the same input gives the same bytes again; one more account gives unrelated noise', () => {
    const calm = [tick(0), act('ann', 0, 'POST'), tick(1)];
    expect(released(run(calm))).toEqual(released(run(calm)));
    const noise = (dry: DryRun, count: number): number => (valueOf(dry, 'POST') ?? 0) - count;
    expect(noise(run(calm), 1)).not.toBe(noise(run([...calm.slice(0, 2), act('bob', 0, 'POST'), tick(1)]), 2));
  });

  test('a run that is interrupted and restored from its changelog releases the same', () => {
    const messages = [tick(0), act('ann', 0, 'POST'), act('bob', 0, 'SPACE'), tick(1), act('ann', 1, 'POST'), tick(2)];
    const first = run(messages.slice(0, 2));
    const second = run(messages.slice(2), { after: first });
    expect(released(second)).toEqual(released(run(messages)));
  });

  test('an account counts in two cells a day at most, however much it does', () => {
    const busy = activityKinds.flatMap((kind) => [0, 1, 2].map((hour) => act('ann', hour, kind)));
    const busyRun = run([tick(0), ...busy, tick(3)]);
    expect(busyRun.state.entries({ name: 'used', schema: null as never })).toEqual([
      [expect.stringContaining('ann'), 2],
    ]);
  });

  test('a window waits for the clock of every partition', () => {
    const waiting = [tick(0), tick(0, { partition: 1 }), act('ann', 0, 'POST'), tick(1)];
    expect(released(run(waiting, { partitions: 2 }))).toEqual([]);
    expect(released(run([...waiting, tick(1, { partition: 1 })], { partitions: 2 }))).toHaveLength(
      activityKinds.length,
    );
  });

  test('a window is sealed once: another clock’s activity in it counts nowhere', () => {
    const both = run([
      tick(0),
      tick(1),
      tick(0, { domain: 'replay:x' }),
      act('ann', 0, 'POST', 'replay:x'),
      tick(1, { domain: 'replay:x' }),
    ]);
    expect(released(both)).toHaveLength(activityKinds.length);
    expect(both.outcomes).toContain('drop WINDOW_SEALED');
  });

  test('late, unknown and broken contributions are dropped by rule, and are in no release', () => {
    const late = run([
      tick(0),
      tick(2),
      act('ann', 1, 'POST'),
      act('ann', 2, 'NO_SUCH_KEY'),
      { ...act('ann', 2, 'POST'), metric: 'other' } as ContributionMessage,
    ]);
    expect(late.outcomes.slice(2)).toEqual(['drop LATE', 'drop UNKNOWN_KEY', 'drop UNKNOWN_METRIC']);
  });

  test('the ledger is whole, names every release, and neither it nor a release names an account or a count', () => {
    const dry = run([tick(0), act('canary-account', 0, 'POST'), tick(3)]);
    const ledger = dry.emitted('privacyLedger').map((row) => ledgerRowSchema.parse(row));
    const report = verifyLedger(ledger, { costOf: () => ({ rho: activityByKindHour.rho, delta: zero }) });
    expect(report.kind).toBe('whole');
    for (const state of ['reserved', 'sealed', 'emitted']) {
      expect(ledger.filter((row) => row.state === state).map((row) => row.releaseId)).toEqual(
        released(dry).map((row) => row.release_id),
      );
    }
    expect(JSON.stringify([ledger, released(dry)])).not.toContain('canary');
  });
});
