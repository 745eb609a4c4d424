import type { DeclaredMetric } from '../../schema/metrics/metric.ts';
import { bucketOf, pathOf } from '../../schema/metrics/quantile-tree.ts';
import type { StateView } from '../shared/state.ts';
import { payersOf } from './bound-window.ts';
import { dayUs, floorTo, hourUs, padded } from './clock.ts';
import type { ActivityMessage } from './contribution.ts';
import { type Deed, closeDay, firstOf } from './domain/waits.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { deeds, openInvitations } from './stores.ts';

/** Remembers an account’s first invitation and first joint work of the day: it depends on nobody else, nor on the order of arrival. */
export function noteDeed({ domain, account, wallUs, pair }: ActivityMessage, state: StateView): void {
  if (!pair || pair.other === account) return;
  const name = `${domain}|${padded(floorTo(wallUs, dayUs))}|${account}`;
  const before = state.get(deeds, name) ?? {};
  const kind = pair.phase === 'INVITED' ? 'invited' : 'joined';
  const [deed, known] = [{ other: pair.other, atUs: wallUs }, before[kind]];
  const first = known ? firstOf({ account, ...known }, { account, ...deed }) : deed;
  state.put(deeds, name, { ...before, [kind]: { other: first.other, atUs: first.atUs } });
}

/**
 * Sums per key of one day of a metric that measures waits, and what is to be remembered of the day if it is released. An invitation changes later windows, and its own day pays for that: a day whose window is not
 * charged must leave nothing behind.
 */
export function waitingSums(
  metric: DeclaredMetric,
  {
    domain,
    windowUs,
    acted,
  }: { readonly domain: string; readonly windowUs: number; readonly acted: ReadonlySet<string> },
  state: StateView,
  secrets: Pick<ReleaseSecrets, 'lifetimeRho'>,
): { readonly sums: ReadonlyMap<string, number>; readonly keep: () => void } {
  const { quantiles, waitDaysMax } = metric;
  if (!quantiles || waitDaysMax === undefined) throw new Error(`metric ${metric.id} measures no waits`);
  const prefix = `${domain}|${padded(windowUs)}|`;
  const done = state.entries(deeds, prefix).map(([name, own]) => ({ account: name.slice(prefix.length), ...own }));
  const of = (kind: 'invited' | 'joined'): readonly Deed[] =>
    done.flatMap(({ account, [kind]: deed }) => (deed ? [{ account, ...deed }] : []));
  const { waitsUs, open } = closeDay(
    { invited: of('invited'), joined: of('joined') },
    {
      admits: payersOf(metric, [...acted, ...done.map(({ account }) => account)], state, secrets),
      openOf: (pair) => state.get(openInvitations, `${domain}|${pair}`) ?? [],
      oldestUs: windowUs - waitDaysMax * dayUs,
    },
  );
  const sums = new Map<string, number>();
  for (const waitUs of waitsUs)
    for (const key of pathOf(quantiles, bucketOf(quantiles, waitUs / hourUs))) sums.set(key, (sums.get(key) ?? 0) + 1);
  return {
    sums,
    keep() {
      for (const [pair, sentUs] of open) {
        const name = `${domain}|${pair}`;
        if (sentUs.length > 0) state.put(openInvitations, name, [...sentUs]);
        else if (state.get(openInvitations, name)) state.remove(openInvitations, name);
      }
    },
  };
}

/** Forgets the invitations of a clock that are too old to be measured after `todayUs`. */
export function dropOldInvitations(
  state: StateView,
  domain: string,
  { todayUs, waitDaysMax }: { readonly todayUs: number; readonly waitDaysMax: number },
): void {
  for (const [name, sentUs] of state.entries(openInvitations, `${domain}|`)) {
    const young = sentUs.filter((atUs) => atUs >= todayUs - waitDaysMax * dayUs);
    if (young.length === 0) state.remove(openInvitations, name);
    else if (young.length < sentUs.length) state.put(openInvitations, name, young);
  }
}
