import type { EventLog } from '../../engines/event-log/port.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import type { CursorSeal, Positions } from './cursor.ts';

/**
 * Where a cursor says to go on, one offset for each partition that the topic has now. Throws a GraphQL error, `CURSOR_INVALID`
 * or `CURSOR_EXPIRED`, where events may have been lost since; subscribing anew and reading the present state is then the remedy.
 */
export async function resumeFrom(
  cursor: unknown,
  {
    seal,
    log,
    topic,
    rootKey,
  }: { readonly seal: CursorSeal; readonly log: EventLog; readonly topic: string; readonly rootKey: string },
): Promise<Positions> {
  const read = typeof cursor === 'string' ? seal.read(cursor) : null;
  if (!read) {
    throw gatewayError(
      'the cursor is not one of this subscription with these arguments: resume with the one that its last event carried',
      {
        code: errorCodes.cursorInvalid,
        path: [rootKey],
      },
    );
  }
  const ends = await log.ends(topic);
  // Partitions that are new since the cursor was written hold later records only.
  const positions = ends.map((_, partition) => read[partition] ?? 0);
  const kept = await Promise.all(
    positions.map(async (position, partition) => {
      const end = ends[partition] ?? 0;
      if (position >= end) return position === end;
      const [oldest] = await log.read({ topic, partition, from: 0, limit: 1 });
      return oldest !== undefined && oldest.offset <= position;
    }),
  );
  if (read.length <= ends.length && kept.every(Boolean)) return positions;
  throw gatewayError(
    'the log no longer holds what came after this cursor: read the present state and subscribe without it',
    {
      code: errorCodes.cursorExpired,
      path: [rootKey],
    },
  );
}
