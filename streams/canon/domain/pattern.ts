import type { PatternThresholds } from '../../../schema/canon/behaviours.ts';

/** One creator did something that may become a pattern, on a day (days since 1970, UTC). */
interface Sighting {
  readonly behaviour: string;
  readonly subject: string;
  readonly creatorId: string;
  readonly day: number;
}

/** What is kept of a behaviour: no more creators and days than its thresholds ask for; of what was proposed, that alone. */
export interface PatternState {
  /** The last day of each. */
  readonly creators: Readonly<Record<string, number>>;
  /** In order. */
  readonly days: readonly number[];
  readonly isProposed: boolean;
}

const nothing: PatternState = { creators: {}, days: [], isProposed: false };
const proposed: PatternState = { creators: {}, days: [], isProposed: true };

/** The pattern's name: the entity of its event. */
export function patternId({ behaviour, subject }: Pick<Sighting, 'behaviour' | 'subject'>): string {
  return `${behaviour}:${subject}`;
}

/** One sighting further. A behaviour is proposed once. */
export function see(
  before: PatternState = nothing,
  { creatorId, day }: Sighting,
  { creatorsMin, daysMin, windowDays }: PatternThresholds,
): PatternState {
  if (before.isProposed) return before;
  const last = Math.max(day, before.days.at(-1) ?? day);
  const isRecent = (other: number): boolean => other > last - windowDays;
  if (!isRecent(day)) return before;
  const known = Object.entries(before.creators).filter(([id, seen]) => id !== creatorId && isRecent(seen));
  const ofCreator = Math.max(day, before.creators[creatorId] ?? day);
  // The most recent ones tell whether there are enough of them.
  const creators = [...known, [creatorId, ofCreator] as const].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const days = [...new Set([...before.days.filter(isRecent), day])].sort((a, b) => a - b);
  if (creators.length >= creatorsMin && days.length >= daysMin) return proposed;
  return {
    creators: Object.fromEntries(creators.slice(0, creatorsMin)),
    days: days.slice(-daysMin),
    isProposed: false,
  };
}
