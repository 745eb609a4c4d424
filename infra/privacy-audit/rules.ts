/** What must hold of every single run of the processor, without statistics: schedule, bounds, replays, ledger, selection and silence. */
import { metrics } from '../../schema/metrics/catalogue.ts';
import { activityKinds } from '../../schema/metrics/declared/activity.ts';
import { compare, parseRational, toNumber } from '../../schema/metrics/rational.ts';
import { signedRootSchema } from '../../schema/metrics/signed-root.ts';
import { tables } from '../../schema/warehouse/tables.ts';
import type { ContributionMessage } from '../../streams/privacy/contribution.ts';
import { act, does, ledgerOf, released, run, tick } from '../../streams/privacy/testing.ts';
import { verifyReleases } from '../../streams/privacy/verify-export.ts';
import type { DryRun } from '../../streams/shared/testing.ts';
import { momentsOf } from './confidence.ts';
import { keysOf } from './worlds.ts';

type Rule = () => boolean | string;

const crowd = (count: number, hour: number, kind = 'POST'): readonly ContributionMessage[] =>
  Array.from({ length: count }, (_, n) => act(`account-${n}`, hour, kind));
const tagged = (count: number, tag: string, hour: number): readonly ContributionMessage[] =>
  Array.from({ length: count }, (_, n) => does(`${tag}-${n}`, hour, [['trending-tags', tag, 1, null]]));
const idsOf = (dry: DryRun): string =>
  JSON.stringify(dry.emitted('privacyReleases').map((row) => (row as { release_id: string }).release_id));
const bytesOf = (dry: DryRun): string =>
  JSON.stringify([dry.emitted('privacyLedger'), dry.emitted('privacyReleases'), dry.emitted('privacyRoots')]);
const exportOf = (dry: DryRun): Parameters<typeof verifyReleases>[0] => ({
  ledger: ledgerOf(dry),
  releases: dry.emitted('privacyReleases').map((row) => tables['analytics.releases'].parse(row)),
  roots: dry.emitted('privacyRoots').map((root) => signedRootSchema.parse(root)),
});
const valuesOf = (dry: DryRun, metric = 'activity-by-kind-hour'): readonly number[] =>
  released(dry, metric).map(({ value }) => value);
const total = (dry: DryRun, metric?: string): number => valuesOf(dry, metric).reduce((sum, value) => sum + value, 0);

/** A day on which much happens, on an empty state. */
const lively: readonly ContributionMessage[] = [
  tick(0),
  ...crowd(40, 0),
  ...crowd(30, 3, 'SPACE'),
  ...tagged(20, 'rare', 4),
  tick(25),
];
const canary = 'canary-3f9a';
const secretive: readonly ContributionMessage[] = [
  tick(0),
  act(canary, 0, 'POST'),
  does(canary, 1, [
    ['ratings', 'POSITIVE', 1, `${canary}-judged`],
    ['trending-tags', `${canary}-tag`, 1, null],
  ]),
  { ...act(canary, 2, 'POST'), items: [['activity-by-kind-hour', 'POST', -31_337, null]] },
  tick(25),
];

/** What a run writes to the console while it is watched. */
function told(go: () => void): string {
  const heard: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = (chunk: string | Uint8Array) => heard.push(String(chunk)) > 0;
  try {
    go();
  } finally {
    for (const [n, stream] of streams.entries()) stream.write = writes[n] as typeof stream.write;
  }
  return heard.join('');
}

const paired = (account: string, hours: number, phase: 'INVITED' | 'JOINED', other: string): ContributionMessage => ({
  ...does(account, hours, []),
  pair: { phase, other },
});
const waitsBelowADay = (dry: DryRun): number =>
  released(dry, 'invitation-to-joint-work').find(({ key }) => key === '1/1')?.value ?? NaN;

/** A state in which a day has spent all but nothing, as a changelog would bring it back. */
function afterSpending(rho: string): DryRun {
  const dry = run([tick(0)]);
  const value = JSON.stringify({ rho, delta: '0', charged: [] });
  return { ...dry, outgoing: [...dry.outgoing, { topic: 'changelog', key: 'days|2017-11-30', id: '', value }] };
}

export const rules: Readonly<Record<string, Rule>> = {
  'the schedule of releases is the same whatever happens': () => {
    const quiet = run([tick(0), tick(25)]);
    const publicIds = (dry: DryRun): string =>
      idsOf({ ...dry, emitted: (output) => dry.emitted(output).filter((row) => !/tag\|/.test(JSON.stringify(row))) });
    return publicIds(quiet) === publicIds(run(lively)) && quiet.emitted('privacyReleases').length > 200;
  },
  'nothing is released before the clock passes': () =>
    released(run([tick(0), ...crowd(200, 0), ...crowd(200, 9), ...crowd(200, 23)])).length === 0,
  'a day whose hours passed is not over': () =>
    valuesOf(run([tick(0), ...crowd(9, 3), tick(23)]), 'active-creators-day').length === 0,
  'the same input gives the same bytes': () => bytesOf(run(lively)) === bytesOf(run(lively)),
  'an interrupted run goes on with the same bytes': () => {
    const first = run(lively.slice(0, 50));
    const rest = run(lively.slice(50), { after: first });
    return JSON.stringify(rest.emitted('privacyReleases')) === JSON.stringify(run(lively).emitted('privacyReleases'));
  },
  'one more account changes the noise of every cell of its window': () => {
    const [few, more] = [1, 2].map((count) => valuesOf(run([tick(0), ...crowd(count, 0), tick(1)])));
    const same = (few ?? []).filter((value, n) => value === (more?.[n] ?? NaN)).length;
    return (
      same <= 2 || `${same} of ${activityKinds.length} cells have the noise of before: the difference tells the account`
    );
  },
  'cells of a window have noise of their own': () => new Set(valuesOf(run([tick(0), tick(1)]))).size >= 5,
  'another epoch key gives other noise': () =>
    JSON.stringify(valuesOf(run([tick(0), tick(1)]))) !==
    JSON.stringify(valuesOf(run([tick(0), tick(1)], { epochKey: keysOf('other') }))),
  'commitments are keyed': () => {
    const [a, b] = ['one', 'two'].map((seed) =>
      ledgerOf(run(lively, { epochKey: keysOf(seed) })).map(({ commitment }) => commitment),
    );
    return (
      (a ?? []).every((commitment) => !b?.includes(commitment)) ||
      'a commitment is the same under another key: small counts can be tried out'
    );
  },
  'the order of arrival changes nothing': () => {
    const busy = activityKinds.map((kind) => act('ann', 0, kind));
    const both = [busy, busy.toReversed()].map((messages) => valuesOf(run([tick(0), ...messages, tick(1)])).join());
    return both[0] === both[1];
  },
  'an account cannot count more often by working in more windows': () => {
    const busy = Array.from({ length: 24 }, (_, hour) =>
      Array.from({ length: 150 }, (_each, n) => act(`account-${n}`, hour, 'POST')),
    ).flat();
    return Math.abs(total(run([tick(0), ...busy, tick(24)])) - 300) < 2_200 || 'its cells of a day are not limited';
  },
  'an account counts once, however large its value': () => {
    const big = Array.from({ length: 50 }, (_, n) =>
      does(`account-${n}`, 0, [['activity-by-kind-hour', 'POST', 1_000, null]]),
    );
    return total(run([tick(0), ...big, tick(1)])) < 600;
  },
  'empty windows get the declared noise': () => {
    const dry = run([tick(24), ...Array.from({ length: 20 }, (_, day) => tick(24 * (day + 2)))]);
    const [unfit] = metrics
      .filter(({ horizon, keyVisibility }) => horizon === undefined && keyVisibility === 'PUBLIC')
      .map((metric) => ({ id: metric.id, values: valuesOf(dry, metric.id), sigma2: toNumber(metric.sigma2) }))
      .filter(
        ({ values, sigma2 }) => Math.abs(momentsOf(values).variance / sigma2 - 1) > 5 * Math.sqrt(2 / values.length),
      );
    return unfit === undefined || `${unfit.id} has other noise`;
  },
  'many accounts count as many': () => Math.abs(total(run([tick(0), ...crowd(3_000, 0), tick(1)])) - 3_000) < 600,
  'what many do to one counts as little as linf says': () => {
    const fans = Array.from({ length: 2_000 }, (_, n) => does(`fan-${n}`, 1, [['ratings', 'POSITIVE', 1, 'idol']]));
    return total(run([tick(0), ...fans, tick(24)]), 'ratings') < 1_200;
  },
  'late, early, unknown and impossible contributions count nowhere': () => {
    const dry = run([
      tick(0),
      tick(2),
      ...Array.from({ length: 900 }, (_, n) => act(`late-${n}`, 1, 'POST')),
      ...Array.from({ length: 900 }, (_, n) => act(`early-${n}`, 100_000, 'POST')),
      does('ann', 3, [['activity-by-kind-hour', 'NO_SUCH_KEY', 1, null]]),
      { ...act('ann', 3, 'POST'), items: [['activity-by-kind-hour', 'POST', -5, null]] },
      tick(100_000),
      tick(26),
    ]);
    const outcomes = new Set(dry.outcomes);
    const due = ['drop LATE', 'drop FUTURE', 'drop UNKNOWN_KEY', 'deadLetter UNDECODABLE'];
    return (
      (due.every((outcome) => outcomes.has(outcome)) && total(dry) < 600) || `outcomes were ${[...outcomes].join(', ')}`
    );
  },
  'what comes for a window that another clock has sealed counts nowhere': () => {
    const dry = run([
      tick(0),
      tick(1),
      tick(0, { domain: 'replay:x' }),
      act('ann', 0, 'POST', 'replay:x'),
      tick(1, { domain: 'replay:x' }),
    ]);
    return dry.outcomes.includes('drop WINDOW_SEALED') && released(dry).length === activityKinds.length;
  },
  'a key that few touched does not show, one of many does, and is shown untouched until its epoch ends': () => {
    const dry = run([tick(24), ...tagged(1_500, 'many', 25), ...tagged(20, 'few', 25), tick(48), tick(72), tick(96)]);
    return (
      released(dry, 'trending-tags')
        .map(({ key }) => key)
        .join() === 'many,many,many' || 'keys that should not show do, or the other way round'
    );
  },
  'an export verifies: chain, charges, seals, sigma, roots': () => {
    const { faults } = verifyReleases(exportOf(run(lively)), { metrics, publicKey: null });
    return faults.length === 0 || (faults[0] ?? '');
  },
  'a day is charged what its metrics declare': () => {
    const rows = ledgerOf(run(lively)).filter(({ day, rho }) => day === '2017-11-30' && rho !== '0');
    const charged = new Map(rows.map(({ schemaHash, rho }) => [schemaHash, rho]));
    return (
      metrics.every(({ schemaHash, rho }) => compare(parseRational(charged.get(schemaHash) ?? '0'), rho) === 0) &&
      rows.length === metrics.length
    );
  },
  'what would overspend a day is not released': () => {
    const dry = run([...crowd(5, 0), tick(24)], { after: afterSpending('1/200') });
    return dry.emitted('privacyReleases').length === 0;
  },
  'of those who name one account on a day none counts': () => {
    const hosts = Array.from({ length: 3_000 }, (_, n) => [
      paired(`host-${n}`, 1, 'INVITED', 'idol'),
      paired(`host-${n}`, 3, 'JOINED', 'idol'),
    ]);
    return Math.abs(waitsBelowADay(run([tick(0), ...hosts.flat(), tick(24)]))) < 1_600 || 'they all count';
  },
  'an invitation of a day that was not charged is never measured': () => {
    const [sent, met] = [1, 25].map((hour, n) =>
      Array.from({ length: 3_000 }, (_, m) => paired(`host-${m}`, hour, n === 0 ? 'INVITED' : 'JOINED', `guest-${m}`)),
    );
    const dry = run([...(sent ?? []), tick(24), ...(met ?? []), tick(48)], { after: afterSpending('1/200') });
    const waits = released(dry, 'invitation-to-joint-work').map(({ value }) => Math.abs(value));
    return (waits.length > 0 && waits.every((value) => value < 1_600)) || 'it is measured, or nothing is';
  },
  'a broken or shortened ledger stops releases': () =>
    [() => null, () => ({ seq: 9, hash: 'a'.repeat(64) })].every(
      (ledgerAtStart) => run(lively, { ledgerAtStart }).emitted('privacyReleases').length === 0,
    ),
  'a closed epoch releases nothing more': () => {
    const late = run([tick(22, { domain: 'replay:x' }), ...crowd(9, 23), tick(24, { domain: 'replay:x' })], {
      after: run([tick(20), tick(25)]),
    });
    return late.emitted('privacyReleases').length === 0;
  },
  'whoever has spent a lifetime counts no more': () => {
    const days = Array.from({ length: 3 }, (_, day) => [...crowd(2_000, day * 24 + 1), tick(24 * (day + 1))]).flat();
    const seen = valuesOf(run([tick(0), ...days], { lifetimeRho: parseRational('0.0004') }), 'active-creators-day');
    return seen.map((value) => value > 1_000).join() === 'true,false,false' || `counts were ${seen.join()}`;
  },
  'intervals have one width, whatever the value': () =>
    metrics
      .filter(({ horizon }) => horizon === undefined)
      .every(
        ({ id }) =>
          new Set(released(run(lively), id).map(({ low, high, value }) => `${high - value} ${value - low}`)).size <= 1,
      ),
  'nothing that leaves the processor names an account, a rare key or a refused value': () => {
    let text = '';
    const console = told(() => {
      const dry = run(secretive);
      const letters = dry.deadLetters.map(({ message, reason }) => [message, reason]);
      text = JSON.stringify([bytesOf(dry), dry.outcomes, letters]);
    });
    return !/canary|31337|31_337/.test(text + console) || 'a canary was found';
  },
  'the processor says nothing of counts': () => told(() => run(lively)) === '' || 'it writes to the console',
};

/** The rules that do not hold. */
export function ruleFaults(): readonly string[] {
  return Object.entries(rules).flatMap(([name, holds]) => {
    try {
      const answer = holds();
      return answer === true ? [] : [`${name}: ${answer === false ? 'it is not so' : answer}`];
    } catch (error) {
      return [`${name}: it threw ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
