import type { CanonStatus } from '../../../schema/warehouse/tables.ts';

/** Who reads canon: a verified login, perhaps of a creator, with its scopes. */
export interface Reader {
  readonly creatorId: string | null;
  readonly scopes: readonly string[];
  /** Events that they were given permission for; none where absent. */
  readonly granted?: ReadonlySet<string>;
}

/** An event as far as access to it goes. */
export interface Guarded {
  readonly id: string;
  readonly status: CanonStatus;
  readonly actor: string;
}

/** Statuses that are neither everybody's nor for audit only. */
export const openStatuses = ['PROVISIONAL', 'PROPOSED', 'EMERGENT'] as const satisfies readonly CanonStatus[];

/**
 * Whether a signed-in reader may read an event: CANONICAL ones all; the open ones their actor, guardians and those with permission; NON_CANONICAL ones
 * auditors only. `readableSql` in queries.ts says the same to the warehouse.
 */
export function mayRead(event: Guarded, reader: Reader): boolean {
  if (event.status === 'CANONICAL') return true;
  if (event.status === 'NON_CANONICAL') return reader.scopes.includes('audit');
  if (reader.scopes.includes('guardian')) return true;
  return reader.creatorId !== null && (event.actor === reader.creatorId || reader.granted?.has(event.id) === true);
}

/** Whether somebody may give others permission to read an event, or take it back: its actor and guardians, as long as it is open. */
export function mayShare(event: Guarded, reader: Reader): boolean {
  const isOpen = openStatuses.some((status) => status === event.status);
  return (
    isOpen && (reader.scopes.includes('guardian') || (reader.creatorId !== null && event.actor === reader.creatorId))
  );
}
