/** Days, hours and epochs of the windows' clock, UTC. */
import { daySeconds } from '../../schema/metrics/metric.ts';

export const hourUs = 3_600_000_000;
export const dayUs = daySeconds * 1_000_000;

export const floorTo = (wallUs: number, lengthUs: number): number => wallUs - (wallUs % lengthUs);
/** Sorts as text as it does as a number. */
export const padded = (wallUs: number): string => String(wallUs).padStart(16, '0');
/** ISO 8601 with milliseconds. */
export const isoOf = (wallUs: number): string => new Date(Math.floor(wallUs / 1_000)).toISOString();
export const dayOf = (wallUs: number): string => isoOf(wallUs).slice(0, 10);
/** The epoch of an instant: its month, like `2018-03`. Each has a key of its own, which is destroyed when the month is sealed. */
export const epochOf = (wallUs: number): string => isoOf(wallUs).slice(0, 7);

/** Starts of the windows of a length whose end lies in (afterUs, untilUs]. */
export function windowsClosed(lengthUs: number, afterUs: number, untilUs: number): readonly number[] {
  const starts: number[] = [];
  for (let start = floorTo(afterUs, lengthUs); start + lengthUs <= untilUs; start += lengthUs) starts.push(start);
  return starts;
}
