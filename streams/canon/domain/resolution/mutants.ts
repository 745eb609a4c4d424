import { comparePriority } from './claim.ts';
import type { Rules } from './strategy.ts';
import type { History } from './testing.ts';

/** Rules made from the order in which the facts of a history arrived. */
export type ArrivalRules = (history: History) => Rules | undefined;

/** Rules that break the order independence of resolution, to show that its test would find such a mistake. */
export const arrivalRules: Readonly<Record<string, ArrivalRules>> = {
  'whatever arrived first comes first': ({ claims, rulings, votes }) => {
    const places = new Map([...claims, ...rulings, ...votes].toReversed().map(({ id }, place) => [id, -place]));
    return { compare: (a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0) };
  },
  'ties of the clock go to whoever arrived first': () => ({ compare: (a, b) => a.hlc.wallUs - b.hlc.wallUs }),
  'rulings count in the order of arrival': () => ({
    compare: (a, b) => ('caseId' in a ? 0 : comparePriority(a, b)),
  }),
};
