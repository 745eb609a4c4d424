import type { EventSource } from '../../../../schema/events/envelope.ts';
import type { CanonStatus } from '../../../../schema/warehouse/tables.ts';

/** The status that an event starts with, by where it came from. */
export const initialStatus: Readonly<Record<EventSource, CanonStatus>> = {
  SYSTEM: 'CANONICAL',
  CREATOR: 'PROVISIONAL',
  VERIFIED_CREATOR: 'PROVISIONAL',
  IMVU: 'EMERGENT',
  EXTERNAL: 'PROPOSED',
};

const open: readonly CanonStatus[] = ['PROVISIONAL', 'PROPOSED', 'EMERGENT'];

/** The status of an event that is undecided. The platform's own events start decided; disputed, they are provisional. */
export function openStatus(source: EventSource): CanonStatus {
  return source === 'SYSTEM' ? 'PROVISIONAL' : initialStatus[source];
}

/**
 * The edges along which a status moves. An open status never turns into another open one: a decided event that is disputed anew goes back to the open status
 * of its source.
 */
export function mayMove(from: CanonStatus, to: CanonStatus, source: EventSource): boolean {
  if (from === to) return false;
  if (!open.includes(to)) return true;
  return !open.includes(from) && to === openStatus(source);
}
