import { formula } from './formula.ts';

/** A third of a group rests at a time. */
const turns = 3;

/** With fewer seeds a term could leave a group with nobody: three for each group. */
export const rotatedSeedsMin = turns * formula.trust.groups;

/** The group, from 0, of the seed that was named at this place (from 0): they are dealt in turn. */
export const seedGroup = (place: number): number => place % formula.trust.groups;

/** The number of the term in which an instant lies. */
export const seedTerm = (atMs: number, termMs: number): number => Math.floor(atMs / termMs);

/**
 * Whether the seed that was named at this place serves in a term: of each group every third rests, by turns, so that each serves two terms and rests for one.
 * A seed that was won over or paid loses its walks without anybody having to notice.
 */
export function servesInTerm(place: number, term: number): boolean {
  return (Math.floor(place / formula.trust.groups) + term) % turns !== 0;
}
