/** Neighbouring inputs for the whole processor: days on which a group of accounts does the worst that the bounds allow, and the same days without the group. */
import { createHash } from 'node:crypto';
import { metricById } from '../../schema/metrics/catalogue.ts';
import { activityKinds } from '../../schema/metrics/declared/activity.ts';
import { pathOf } from '../../schema/metrics/quantile-tree.ts';
import type { ActivityMessage, ContributionMessage, Item } from '../../streams/privacy/contribution.ts';
import { secretKey } from '../../streams/privacy/crypto/keyed-hash.ts';
import { does, run, tick } from '../../streams/privacy/testing.ts';
import type { DryRun } from '../../streams/shared/testing.ts';

const tags = ['alpha', 'beta', 'gamma'] as const;
/** Accounts that touch the tags on the first day, so that they are shown from then on. */
const crowd = 2_000;
/** The days of one run: it begins with an epoch, and the group acts from its second day on. */
const daysOfRun = 29;

export interface WorldOptions {
  /** Accounts in which the two inputs differ; 0 for the world without them. */
  readonly group: number;
  /** Names the run: with another seed all noise is another. */
  readonly seed: string;
  /** `EXACT`: each account does just as much as counts. `GREEDY`: far more than that. */
  readonly manner: 'EXACT' | 'GREEDY';
}

/** Keys of epochs that follow from a seed. */
export const keysOf = (seed: string) => (epoch: string) =>
  secretKey(createHash('sha256').update(`audit ${seed} ${epoch}`).digest());

const one = (metric: string, key: string, subject: string | null = null, value = 1): Item => [
  metric,
  key,
  value,
  subject,
];
const keysOfMetric = (id: string): readonly string[] => metricById.get(id)?.keys ?? [];
const nth = (metric: string, n: number): string => {
  const key = keysOfMetric(metric)[n];
  if (key === undefined) throw new Error(`${metric} has no key ${n}`);
  return key;
};

/** What one member does at two o'clock when it does what counts, and no more; each partner is somebody else. */
const exactItems = (member: string): readonly Item[] => [
  one('activity-by-kind-hour', 'POST'),
  one('active-creators-day', 'ALL'),
  ...[0, 1].map((n) => one('works-by-kind', nth('works-by-kind', n))),
  ...tags.flatMap((tag) => [one('works-by-kind-tag', `MEDIA ${tag}`), one('trending-tags', tag)]),
  ...keysOfMetric('assisted-work').map((key) => one('assisted-work', key)),
  ...[0, 1, 2].map((n) => one('remixes', 'REMIX', `${member}-remixed-${n}`)),
  one('collaborations', 'BEGUN', `${member}-partner`),
  ...[0, 1].map((n) => one('endorsements-by-dimension', nth('endorsements-by-dimension', n), `${member}-praised-${n}`)),
  ...[0, 1, 2, 3].map((n) => one('ratings', 'POSITIVE', `${member}-judged-${n}`)),
  one('api-latency', '3', null, 5),
  ...[0, 1, 2].map((n) => one('api-outcomes', nth('api-outcomes', n))),
  ...keysOfMetric('log-ins-hour').map((key) => one('log-ins-hour', key)),
];

/** What others do to a member on the same day: as much of it as counts for one account in each key. */
function doneTo(member: string, other: number): readonly Item[] {
  const praise = keysOfMetric('endorsements-by-dimension').filter((_, n) => n % 6 === other);
  return [
    ...(other < 3 ? [one('remixes', 'REMIX', member)] : []),
    ...(other < 4 ? [one('collaborations', other < 2 ? 'BEGUN' : 'FINISHED', member)] : []),
    ...praise.map((key) => one('endorsements-by-dimension', key, member)),
    one('ratings', other < 3 ? 'POSITIVE' : 'NEGATIVE', member),
  ];
}

const present = (message: ActivityMessage): ActivityMessage => ({ ...message, present: true });
const pair = (account: string, hours: number, phase: 'INVITED' | 'JOINED', other: string): ActivityMessage => ({
  ...does(account, hours, []),
  pair: { phase, other },
});

function exactDay(member: string, hour: number): readonly ActivityMessage[] {
  const met = `${member}-guest`;
  const host = `${member}-host`;
  return [
    pair(member, hour, 'INVITED', met),
    pair(host, hour, 'INVITED', member),
    present(does(member, hour + 2, exactItems(member))),
    pair(member, hour + 2, 'JOINED', met),
    pair(host, hour + 2, 'JOINED', member),
    does(member, hour + 5, [one('activity-by-kind-hour', 'SPACE')]),
    ...[0, 1, 2, 3, 4, 5].map((other) => does(`${member}-other-${other}`, hour + 3, doneTo(member, other))),
  ];
}

/** Everything at six hours of the day, and a thousand times each. */
function greedyDay(member: string, hour: number): readonly ActivityMessage[] {
  return [0, 3, 6, 9, 12, 15].map((at) =>
    does(member, hour + at, [
      ...activityKinds.map((kind) => one('activity-by-kind-hour', kind, null, 1_000)),
      one('active-creators-day', 'ALL', null, 1_000),
      ...keysOfMetric('api-outcomes').map((key) => one('api-outcomes', key, null, 1_000)),
      ...keysOfMetric('log-ins-hour').map((key) => one('log-ins-hour', key, null, 1_000)),
      ...keysOfMetric('works-by-kind').map((key) => one('works-by-kind', key, null, 1_000)),
      ...keysOfMetric('assisted-work').map((key) => one('assisted-work', key, null, 1_000)),
      ...tags.flatMap((tag) => [
        ...['MEDIA', 'CODE'].map((kind) => one('works-by-kind-tag', `${kind} ${tag}`, null, 1_000)),
        one('trending-tags', tag, null, 1_000),
      ]),
      ...Array.from({ length: 6 }, (_, n) => one('remixes', 'REMIX', `idol-${n}`, 1_000)),
      ...Array.from({ length: 6 }, (_, n) => one('ratings', 'NEGATIVE', `idol-${n}`, 1_000)),
      ...keysOfMetric('endorsements-by-dimension').map((key) => one('endorsements-by-dimension', key, 'idol-0', 1_000)),
      ...keysOfMetric('collaborations').map((key) => one('collaborations', key, 'idol-0', 1_000)),
    ]),
  );
}

/** The messages of a world: its first day shows the tags, on each later one the group acts. */
function messagesOf({ group, manner }: WorldOptions): readonly ContributionMessage[] {
  const day = 24;
  const shows = Array.from({ length: crowd }, (_, n) =>
    does(
      `crowd-${n}`,
      day + 1,
      tags.flatMap((tag) => [one('works-by-kind-tag', `MEDIA ${tag}`), one('trending-tags', tag)]),
    ),
  );
  const acts = manner === 'EXACT' ? exactDay : greedyDay;
  const days = Array.from({ length: daysOfRun }, (_, n) => {
    const hour = (n + 2) * 24;
    const members = Array.from({ length: group }, (_member, m) => acts(`member-${m}`, hour));
    return [...members.flat(), tick(hour + 24)];
  });
  return [tick(day), ...shows, tick(day + 24), ...days.flat()];
}

/** Runs a world through the processor as one batch. */
export const runWorld = (options: WorldOptions): DryRun => run(messagesOf(options), { epochKey: keysOf(options.seed) });

/** By how much one member of an exact group moves each cell of its day: metric → hour of the window and key → how much. */
export function shiftsOfMember(): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const session = metricById.get('session-minutes')?.quantiles;
  const latency = metricById.get('api-latency')?.quantiles;
  if (!session || !latency) throw new Error('session-minutes or api-latency is not declared');
  const add = (cells: readonly (readonly [string, number])[]): Map<string, number> => {
    const sums = new Map<string, number>();
    for (const [key, by] of cells) sums.set(key, (sums.get(key) ?? 0) + by);
    return sums;
  };
  const day = (key: string, by = 1): readonly [string, number] => [`00|${key}`, by];
  return new Map([
    [
      'activity-by-kind-hour',
      add([
        ['02|POST', 1],
        ['05|SPACE', 1],
      ]),
    ],
    ['active-creators-day', add([day('ALL')])],
    ['session-minutes', add(pathOf(session, 0).map((key) => day(key)))],
    ['works-by-kind', add([0, 1].map((n) => day(nth('works-by-kind', n))))],
    ['works-by-kind-tag', add(tags.map((tag) => day(`MEDIA ${tag}`)))],
    ['trending-tags', add(tags.map((tag) => day(tag)))],
    ['assisted-work', add(keysOfMetric('assisted-work').map((key) => day(key)))],
    ['remixes', add([day('REMIX', 6)])],
    ['collaborations', add([day('BEGUN', 3), day('FINISHED', 2)])],
    [
      'endorsements-by-dimension',
      add([
        ...[0, 1].map((n) => day(nth('endorsements-by-dimension', n))),
        ...keysOfMetric('endorsements-by-dimension').map((key) => day(key)),
      ]),
    ],
    ['ratings', add([day('POSITIVE', 7), day('NEGATIVE', 3)])],
    ['invitation-to-joint-work', add([day('1/1', 2)])],
    ['api-latency', add(pathOf(latency, 3).map((key) => day(key)))],
    ['api-outcomes', add([0, 1, 2].map((n) => day(nth('api-outcomes', n))))],
    ['log-ins-hour', add(keysOfMetric('log-ins-hour').map((key) => [`02|${key}`, 1] as const))],
  ]);
}
