import { z } from 'zod';
import { type CanonEvent, eventSchema } from '../../schema/events/envelope.ts';
import { parseExactly } from '../../schema/events/exact-json.ts';
import { type CanonStatus, canonStatuses, tables } from '../../schema/warehouse/tables.ts';

/** An event with what canon says of it. */
export interface Recorded {
  readonly event: CanonEvent;
  readonly status: CanonStatus;
  /** The hash as the table has it, beside the event's own. */
  readonly hash: string;
}

export const recordedColumns = 'event_id, status, hash, body';

export const recordedRow = z.object({
  event_id: z.string(),
  status: z.enum(canonStatuses),
  hash: z.string(),
  body: z.string(),
});
export type RecordedRow = z.infer<typeof recordedRow>;

/** The event in a row's text; null where that is none. */
export function eventOfBody(body: string): CanonEvent | null {
  try {
    const parsed = eventSchema.safeParse(parseExactly(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A row of `platform.canon_events` as resolvers take it; null where the row's text is not the event that it says. */
export function recordedOf(row: RecordedRow): Recorded | null {
  const event = eventOfBody(row.body);
  return event?.id === row.event_id ? { event, status: row.status, hash: row.hash } : null;
}

/** The same of a row in JSON, as the gateway hands over what it has just read from the log (schema/live.ts). */
export function recordedOfJson(text: string): Recorded | null {
  try {
    const row = tables['platform.canon_events'].safeParse(JSON.parse(text));
    return row.success ? recordedOf(row.data) : null;
  } catch {
    return null;
  }
}
