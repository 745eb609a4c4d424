import { z } from 'zod';

/**
 * A hybrid logical clock reading (Kulkarni et al. 2014): microseconds of wall time since the Unix epoch, a counter that
 * orders readings of the same microsecond, and the clock's name. The part of `node` before the first colon is the
 * *clock domain* (`live`, or `replay:<community>` for an import): windows of stream processors close by the ticks
 * of an event's own domain.
 */
export const hlcSchema = z.strictObject({
  wallUs: z.int().nonnegative(),
  counter: z.int().min(0).max(65_535),
  node: z.string().min(1).max(64),
});

export type HlcTimestamp = z.infer<typeof hlcSchema>;

/** Order of two readings: wall time, then counter, then name; negative when `a` comes first. */
export function compareHlc(a: HlcTimestamp, b: HlcTimestamp): number {
  return a.wallUs - b.wallUs || a.counter - b.counter || (a.node < b.node ? -1 : a.node > b.node ? 1 : 0);
}

/** The `HLC` scalar's text: 16 digits of microseconds, 5 of counter, the clock's name. Sorts as {@link compareHlc} does. */
export function formatHlc(hlc: HlcTimestamp): string {
  return `${String(hlc.wallUs).padStart(16, '0')}.${String(hlc.counter).padStart(5, '0')}.${hlc.node}`;
}

/** Reads what {@link formatHlc} wrote; null for anything else. */
export function parseHlc(text: string): HlcTimestamp | null {
  const match = /^(\d{16})\.(\d{5})\.(.+)$/.exec(text);
  if (!match) return null;
  const parsed = hlcSchema.safeParse({ wallUs: Number(match[1]), counter: Number(match[2]), node: match[3] });
  return parsed.success ? parsed.data : null;
}

/** The clock domain of a reading: `live`, or `replay:<community>`. */
export function clockDomain(hlc: HlcTimestamp): string {
  return hlc.node.startsWith('replay:') ? hlc.node : 'live';
}

/** Wall time of a reading as an ISO 8601 instant with milliseconds. */
export function hlcToIso(hlc: HlcTimestamp): string {
  return new Date(Math.floor(hlc.wallUs / 1000)).toISOString();
}
