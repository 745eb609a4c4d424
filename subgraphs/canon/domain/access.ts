import type { CanonStatus } from '../../../schema/warehouse/tables.ts';

/** Who reads canon: a verified login, perhaps of a creator, with its scopes. */
export interface Reader {
  readonly creatorId: string | null;
  readonly scopes: readonly string[];
}

/** Statuses that are neither everybody's nor for audit only. */
export const openStatuses = ['PROVISIONAL', 'PROPOSED', 'EMERGENT'] as const satisfies readonly CanonStatus[];

/**
 * Whether a signed-in reader may read an event: CANONICAL ones all; the open ones their actor and guardians; NON_CANONICAL ones
 * auditors only. `readableSql` in queries.ts says the same to the warehouse.
 */
export function mayRead(event: { readonly status: CanonStatus; readonly actor: string }, reader: Reader): boolean {
  if (event.status === 'CANONICAL') return true;
  if (event.status === 'NON_CANONICAL') return reader.scopes.includes('audit');
  return reader.scopes.includes('guardian') || (reader.creatorId !== null && event.actor === reader.creatorId);
}
