import { describe, expect, test } from '@jest/globals';
import { metrics } from '../../schema/metrics/catalogue.ts';
import { activityKinds, membersTotal } from '../../schema/metrics/declared/activity.ts';
import { parseRational } from '../../schema/metrics/rational.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import { topics } from '../../schema/topics.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import { type DryRun, changelogOf, dryRun, recordOf } from '../shared/testing.ts';
import type { ContributionMessage } from './contribution.ts';
import { isRootSigned } from './crypto/signed-root.ts';
import { totalHalfWidth } from './domain/draw-total.ts';
import { verifyLedger } from './domain/ledger/verify.ts';
import { lifetimes, privateKeys, touchedKeys, unpaidInvitations, used } from './stores.ts';
import { act, does, ledgerOf, releaseConfig, released, run, testDay, tick } from './testing.ts';

const valueOf = (dry: DryRun, key: string): number | undefined => released(dry).find((row) => row.key === key)?.value;
const costOf = (schemaHash: string) => metrics.find((metric) => metric.schemaHash === schemaHash);
const crowd = (count: number, hour: number, kind = 'POST') =>
  Array.from({ length: count }, (_, n) => act(`account-${n}`, hour, kind));

describe('releases of private activity', () => {
  test('every key of every window is released when the clock passes, empty ones too', () => {
    const rows = released(run([tick(0), act('ann', 0, 'POST'), tick(2)]));
    expect(rows.map((row) => row.key)).toEqual([...activityKinds, ...activityKinds]);
    expect(rows.every((row) => row.low < row.value && row.value < row.high && row.sigma2 === '2500/3')).toBe(true);
  });

  test('a day is released when it has passed, also of metrics in which nobody did anything', () => {
    const before = run([tick(0), ...crowd(300, 3), tick(23)]);
    const early = before.emitted('privacyReleases').map((row) => tables['analytics.releases'].parse(row).metric);
    expect(new Set(early)).toEqual(new Set(['activity-by-kind-hour', 'log-ins-hour']));
    const after = run([tick(0), ...crowd(300, 3), ...crowd(300, 9), tick(24)]);
    const [active] = released(after, 'active-creators-day');
    expect(Math.abs((active?.value ?? 0) - 300)).toBeLessThan(250);
    for (const metric of metrics.filter((each) => each.keyVisibility === 'PUBLIC' && each.windowSeconds === 86_400))
      expect(released(after, metric.id).map((row) => row.key)).toEqual(metric.keys);
  });

  test('nothing is released before the clock passes, whatever happens', () => {
    expect(released(run([tick(0), ...crowd(50, 0)]))).toEqual([]);
  });

  test('the same input gives the same bytes again; one more account gives unrelated noise', () => {
    const calm = [tick(0), act('ann', 0, 'POST'), tick(1)];
    expect(released(run(calm))).toEqual(released(run(calm)));
    const noise = (dry: DryRun, count: number): number => (valueOf(dry, 'POST') ?? 0) - count;
    expect(noise(run(calm), 1)).not.toBe(noise(run([...calm.slice(0, 2), act('bob', 0, 'POST'), tick(1)]), 2));
  });

  test('a run that is interrupted and restored from its changelog releases the same', () => {
    const messages = [tick(0), act('ann', 0, 'POST'), act('bob', 0, 'SPACE'), tick(1), act('ann', 1, 'POST'), tick(25)];
    const first = run(messages.slice(0, 2));
    const second = run(messages.slice(2), { after: first });
    expect(second.emitted('privacyReleases')).toEqual(run(messages).emitted('privacyReleases'));
  });

  test('an account counts in two cells a day at most, however much it does', () => {
    const busy = activityKinds.flatMap((kind) => [0, 1, 2].map((hour) => act('ann', hour, kind)));
    const busyRun = run([tick(0), ...busy, tick(3)]);
    expect(busyRun.state.entries(used)).toEqual([[`${testDay}|ann`, { 'activity-by-kind-hour': 2 }]]);
  });

  test('an account counts in no more cells of an imported day where another clock, of another year, goes on beside it', () => {
    const domain = 'replay:x';
    const longAgo = -24 * 400;
    const hours = [0, 1, 2, 3, 4, 5];
    const imported = hours.flatMap((hour) => [
      ...Array.from({ length: 300 }, (_, n) =>
        ['POST', 'SPACE'].map((kind) => act(`account-${n}`, longAgo + hour, kind, domain)),
      ).flat(),
      tick(longAgo + hour + 1, { domain }),
      // Another day of the other clock each time.
      tick(24 * (hour + 1)),
    ]);
    const dry = run([tick(longAgo, { domain }), tick(0), ...imported]);
    const ofImport = released(dry).filter((row) => row.window_start < testDay);
    const sum = ofImport.reduce((total, { value }) => total + value, 0);
    // Two cells each. The noise of 54 cells has a standard deviation of 212.
    expect(Math.abs(sum - 600)).toBeLessThan(1_500);
    // What was used is forgotten with the day.
    const after = run([tick(longAgo + 24, { domain })], { after: dry });
    expect(after.state.entries(used)).toEqual([]);
  });

  test('a window waits for the clock of every partition', () => {
    const waiting = [tick(0), tick(0, { partition: 1 }), act('ann', 0, 'POST'), tick(1)];
    expect(released(run(waiting, { eventPartitions: 2 }))).toEqual([]);
    expect(released(run([...waiting, tick(1, { partition: 1 })], { eventPartitions: 2 }))).toHaveLength(
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

  test('late, future, unknown and broken contributions are dropped by rule, and are in no release', () => {
    const late = run([
      tick(0),
      tick(2),
      act('ann', 1, 'POST'),
      does('ann', 2, [['activity-by-kind-hour', 'NO_SUCH_KEY', 1, null]]),
      does('ann', 2, [['other', 'POST', 1, null]]),
      act('ann', 100_000, 'POST'),
      tick(100_000),
      { ...act('ann', 2, 'POST'), items: [['activity-by-kind-hour', 'POST', -5, null]] },
      { ...act('ann', 2, 'POST'), items: [['activity-by-kind-hour', 'POST', 1e15, null]] },
    ]);
    expect(late.outcomes.slice(2)).toEqual([
      'drop LATE',
      'drop UNKNOWN_KEY',
      'drop UNKNOWN_METRIC',
      'drop FUTURE',
      'drop FUTURE',
      'deadLetter UNDECODABLE',
      'deadLetter UNDECODABLE',
    ]);
    expect(JSON.stringify(late.deadLetters.map(({ message }) => message))).not.toMatch(/-5|1e15|ann/);
  });
});

describe('private keys', () => {
  const tagged = (accounts: number, tag: string, hour: number) =>
    Array.from({ length: accounts }, (_, n) => does(`account-${n}`, hour, [['trending-tags', tag, 1, null]]));

  test('show when many touch them, and then until their epoch ends; a key of one account does not show', () => {
    // Midnight after t0 begins a new epoch.
    const dry = run([
      tick(0),
      tick(24),
      ...tagged(3_000, 'quantum', 30),
      ...tagged(1, 'my-name-is-ann', 30),
      tick(48),
      tick(72),
    ]);
    expect(released(dry, 'trending-tags').map((row) => row.key)).toEqual(['quantum', 'quantum']);
    // Day by day through December, as a clock ticks: shown to its last day, untouched, and not in January.
    const days = Array.from({ length: 31 }, (_, day) => tick(24 * (day + 4)));
    const later = run(days, { after: dry });
    expect(later.outcomes.every((outcome) => outcome === 'ok')).toBe(true);
    const shown = released(later, 'trending-tags').map((row) => row.window_start.slice(0, 10));
    expect([shown.length, shown.at(-1)]).toEqual([29, '2017-12-31']);
  });

  test('goal: a day that brings many of them writes few entries, each key is looked at every day, and none is kept beyond its epoch', () => {
    // The last two days of an epoch.
    const tags = Array.from({ length: 1_000 }, (_, n) => `tag ${n} \u0000"`);
    const touch = tags.map((tag, n) => does(`account-${n}`, -24 + (n % 23), [['trending-tags', tag, 1, null]]));
    const many = [...tagged(3_000, 'quantum', -24), ...touch];
    const dry = run([tick(-24), ...many, tick(0)]);
    const entries = dry.state.entries(touchedKeys);
    expect(entries.length).toBeLessThan(10);
    expect(entries.flatMap(([, keys]) => keys).toSorted()).toEqual([...tags, 'quantum'].toSorted());
    expect(dry.state.entries(privateKeys).map(([name]) => name)).toEqual(['trending-tags|2017-11|quantum']);
    const drawn = (after: DryRun): readonly unknown[] => {
      const next = run([...tagged(1, 'tag 5 \u0000"', 1), ...tagged(2, 'newer', 1), tick(24)], { after });
      expect([...next.state.entries(privateKeys), ...next.state.entries(touchedKeys)]).toEqual([]);
      expect(released(next, 'trending-tags').map((row) => row.key)).toEqual(['quantum']);
      return [next.emitted('privacyLedger'), next.emitted('privacyReleases')];
    };
    // As builds before kept them: an entry for each key.
    const apart = entries.flatMap(([name, keys]) =>
      keys.map((key) => {
        const own = `${name.split('|').slice(0, 2).join('|')}|${key}`;
        return {
          topic: 'changelog',
          id: '',
          key: `private-keys|${own}`,
          value: key === 'quantum' ? '"shown"' : '"known"',
        };
      }),
    );
    const others = dry.outgoing.filter(({ key }) => !/^(private|touched)-keys/.test(key));
    expect(drawn({ ...dry, outgoing: [...others, ...apart] })).toEqual(drawn(dry));
  });
});

describe('a private key that JavaScript knows by another meaning', () => {
  test.each(['__proto__', 'constructor', 'toJSON'])('%s is a key like others, and the ledger stays whole', (tag) => {
    const users = Array.from({ length: 3_000 }, (_, n) => does(`account-${n}`, 1, [['trending-tags', tag, 1, null]]));
    const dry = run([tick(0), ...users, tick(24)]);
    expect(released(dry, 'trending-tags').map((row) => row.key)).toEqual([tag]);
    expect(verifyLedger(ledgerOf(dry), { costOf }).kind).toBe('whole');
  });
});

describe('running totals', () => {
  const joins = (accounts: number, day: number, domain = 'live') =>
    Array.from({ length: accounts }, (_, n) =>
      does(`account-${day}-${n}`, day * 24 + 1, [['members-total', 'ALL', 1, null]], domain),
    );
  const halves = (rows: ReturnType<typeof released>) => rows.map(({ high, value }) => high - value);

  test('add up all days within their interval', () => {
    const days = Array.from({ length: 20 }, (_, day) => [...joins(50, day), tick(24 * (day + 1))]).flat();
    const rows = released(run([tick(0), ...days]), 'members-total');
    expect(rows).toHaveLength(20);
    const held = rows.filter((row, day) => row.low <= 50 * (day + 1) && 50 * (day + 1) <= row.high);
    expect(held.length).toBeGreaterThanOrEqual(18);
  });

  test('go on from what an import has counted before them, with the noise of both', () => {
    const domain = 'replay:x';
    const imported = [-9, -8].flatMap((day) => [...joins(5_000, day, domain), tick(24 * (day + 1), { domain })]);
    const messages = [tick(-9 * 24, { domain }), ...imported, tick(0), ...joins(100, 0), tick(24), tick(48)];
    const rows = released(run(messages), 'members-total');
    expect(
      rows.map(({ low, high }) => [5_000, 10_000, 10_100, 10_100].map((sum) => low <= sum && sum <= high)),
    ).toEqual([
      [true, false, false, false],
      [false, true, true, true],
      [false, true, true, true],
      [false, true, true, true],
    ]);
    expect(halves(rows)).toEqual(halves(rows).toSorted((a, b) => a - b));
  });

  test('begin a new horizon where one is full, and go on from its total', () => {
    const horizon = membersTotal.horizon ?? 1;
    const begun = run([tick(0), tick(24)]);
    // What a series of a full horizon leaves behind: nearly three years in memory would take minutes.
    const full = changelogOf(begun).map((record) => {
      if (!record.key.startsWith('totals|')) return record;
      const { newest, ...series } = JSON.parse(record.value ?? '') as { newest: object };
      const zeros = Array.from({ length: horizon }, () => 0);
      const value = {
        ...series,
        counts: zeros,
        values: zeros,
        newest: { ...newest, total: 9_000.25, windows: horizon },
      };
      return { ...record, value: JSON.stringify(value) };
    });
    const messages = [...joins(2_000, 1), tick(48), tick(72)];
    const records = messages.map((message, offset) =>
      recordOf({ topic: topics.privacyContributions.name, offset, value: JSON.stringify(message) }),
    );
    const rows = released(dryRun(releaseConfig(), records, full), 'members-total');
    expect(rows.map(({ low, high }) => low <= 11_000 && 11_000 <= high)).toEqual([true, true]);
    expect(halves(rows)).toEqual([1, 2].map((more) => totalHalfWidth(membersTotal, [horizon + more], 0.95)));
    expect(totalHalfWidth(membersTotal, [horizon + 1], 0.95)).toBeGreaterThan(
      totalHalfWidth(membersTotal, [horizon], 0.95),
    );
  });
});

describe('time from invitation to joint work', () => {
  const pair = (account: string, other: string, hours: number, phase: 'INVITED' | 'JOINED'): ContributionMessage => ({
    ...does(account, hours, []),
    pair: { phase, other } as const,
  });

  test('is measured whoever of the two acts, once', () => {
    const messages = Array.from({ length: 2_000 }, (_, n) => [
      pair(`host-${n}`, `guest-${n}`, 1, 'INVITED'),
      pair(`guest-${n}`, `host-${n}`, 11, 'JOINED'),
      pair(`guest-${n}`, `host-${n}`, 12, 'JOINED'),
    ]).flat();
    const rows = released(run([tick(0), ...messages, tick(24)]), 'invitation-to-joint-work');
    const byKey = new Map(rows.map((row) => [row.key, row.value]));
    expect(Math.abs((byKey.get('1/1') ?? 0) - 2_000)).toBeLessThan(1_500);
    expect(Math.abs(byKey.get('1/0') ?? 0)).toBeLessThan(1_500);
  });

  const hosts = Array.from({ length: 3_000 }, (_, n) => n);
  const sumOf = (rows: ReturnType<typeof released>): number => rows.reduce((sum, { value }) => sum + value, 0);

  test('of all whom somebody invites on a day one is measured, over all later days', () => {
    const days = [1, 2, 3, 4];
    const invited = hosts.flatMap((n) => days.map((day) => pair(`host-${n}`, `guest-${n}-${day}`, 1, 'INVITED')));
    const met = days.flatMap((day) => [
      ...hosts.map((n) => pair(`guest-${n}-${day}`, `host-${n}`, 24 * day + 1, 'JOINED')),
      tick(24 * (day + 1)),
    ]);
    const of = (messages: readonly ContributionMessage[]) =>
      released(run([tick(0), ...messages, tick(24), ...met]), 'invitation-to-joint-work');
    const difference = sumOf(of(invited)) - sumOf(of([]));
    // One unit per host, beside the noise of 30 cells in each of two runs.
    expect(Math.abs(difference - hosts.length)).toBeLessThan(5 * Math.sqrt(2 * 30 * 100_000));
    expect(Math.abs(difference - days.length * hosts.length)).toBeGreaterThan(5_000);
  });

  test('what a build before has left behind is not measured, since its days did not pay for it, and is forgotten', () => {
    const before = run([tick(0)]);
    const hour = String(Date.parse(`${testDay}T05:00:00Z`) * 1_000).padStart(16, '0');
    const left = hosts.flatMap((n) => [
      { key: `invitations|live|["guest-${n}","host-${n}"]`, value: String(Date.parse(`${testDay}T01:00:00Z`) * 1_000) },
      {
        key: `cells|live|${hour}|guest-${n}`,
        value: JSON.stringify({ counts: { [`["invitation-to-joint-work","1","host-${n}"]`]: 1 }, minutes: [] }),
      },
    ]);
    const outgoing = [...before.outgoing, ...left.map((entry) => ({ topic: 'changelog', id: '', ...entry }))];
    const messages = hosts.map((n) => pair(`guest-${n}`, `host-${n}`, 11, 'JOINED'));
    const dry = run([...messages, tick(24)], { after: { ...before, outgoing } });
    const rows = released(dry, 'invitation-to-joint-work');
    expect(rows.every(({ value }) => Math.abs(value) < 1_600)).toBe(true);
    expect(dry.state.entries(unpaidInvitations)).toEqual([]);
  });
});

describe('the lifetime filter', () => {
  test('an account that has spent its lifetime counts no more, and nothing tells so', () => {
    const limit = parseRational('0.0004');
    const days = Array.from({ length: 3 }, (_, day) => [...crowd(2_000, day * 24 + 1), tick(24 * (day + 1))]).flat();
    const rows = released(run([tick(0), ...days], { lifetimeRho: limit }), 'active-creators-day');
    expect(rows.map((row) => row.value > 1_000)).toEqual([true, false, false]);
  });

  test('what an account has spent does not depend on what others did to it', () => {
    const toward = (hours: number): ContributionMessage => ({
      ...does('bob', hours, [
        ['endorsements-by-dimension', 'SKILL', 1, 'ann'],
        ['ratings', 'NEGATIVE', 1, 'ann'],
        ['remixes', 'REMIX', 1, 'ann'],
        ['collaborations', 'BEGUN', 1, 'ann'],
      ]),
      pair: { phase: 'INVITED', other: 'ann' },
    });
    const spent = (others: readonly ContributionMessage[]): string | undefined =>
      run([tick(0), act('ann', 1, 'POST'), ...others, tick(24), tick(48)], {
        lifetimeRho: parseRational('0.206'),
      }).state.get(lifetimes, 'ann');
    expect(spent([toward(2)])).toBe(spent([]));
    expect(spent([toward(2), toward(26)])).toBe(spent([]));
  });
});

describe('the ledger', () => {
  const dry = run([tick(0), act('canary-account', 0, 'POST'), tick(25)]);

  test('is whole, reserves and seals each window once, and names every release by its hash', () => {
    const ledger = ledgerOf(dry);
    const report = verifyLedger(ledger, { costOf });
    expect(report.kind).toBe('whole');
    expect(ledger.filter((row) => row.state === 'reserved')).toHaveLength(ledger.length / 2);
    const named = ledger.flatMap((row) => Object.keys(row.cells ?? {}).map((key) => `${row.releaseId}|${key}`));
    expect(named).toEqual(dry.emitted('privacyReleases').map((row) => (row as { release_id: string }).release_id));
  });

  test('names no account, and neither do releases, roots or the keys of outcomes', () => {
    const told = [ledgerOf(dry), dry.emitted('privacyReleases'), dry.emitted('privacyRoots'), dry.outcomes];
    expect(JSON.stringify(told)).not.toContain('canary');
  });

  test('is signed at the end of each day, and the last day of a month closes its epoch', () => {
    const roots = dry.emitted('privacyRoots').map((root) => signedRootSchema.parse(root));
    expect(roots.map(({ day, closesEpoch }) => [day, closesEpoch])).toEqual([[testDay, '2017-11']]);
    const ledger = ledgerOf(dry);
    expect(roots.every((root) => isRootSigned(root, root.publicKey) && ledger[root.seq]?.hash === root.hash)).toBe(
      true,
    );
    const late = run([act('ann', 30, 'POST'), tick(23, { domain: 'replay:x' }), tick(24, { domain: 'replay:x' })], {
      after: dry,
    });
    expect(late.emitted('privacyReleases')).toEqual([]);
  });

  test('that is broken, or longer than the state remembers, stops releases; nothing raw takes their place', () => {
    const messages = [tick(0), ...crowd(5, 0), tick(25)];
    for (const ledgerAtStart of [() => null, () => ({ seq: 7, hash: 'a'.repeat(64) })]) {
      const stopped = run(messages, { ledgerAtStart });
      expect(stopped.outcomes).toContain('drop LEDGER_BROKEN');
      expect(stopped.emitted('privacyReleases')).toEqual([]);
    }
  });

  test('charges a day once for each metric', () => {
    const ofDay = ledgerOf(dry).filter((row) => row.day === testDay && row.rho !== '0');
    expect(new Set(ofDay.map((row) => row.schemaHash)).size).toBe(metrics.length);
    expect(ofDay).toHaveLength(metrics.length);
  });
});
