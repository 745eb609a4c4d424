import type { GraphReader } from '../../engines/graph-store/port.ts';

/** Permissions of one reader that are looked at, the newest ones first. */
const grantsMax = 1_000;

export function accessNodeId(eventId: string, readerId: string): string {
  return `access|${eventId}|${readerId}`;
}

/** The events that a creator was given permission to read; none for a login without a creator. */
export async function grantsOf(store: GraphReader, readerId: string | null): Promise<ReadonlySet<string>> {
  if (readerId === null) return new Set();
  const page = await store.find({
    type: 'CanonAccess',
    where: { readerId },
    orderBy: 'grantedAt',
    order: 'desc',
    limit: grantsMax,
  });
  return new Set(page.items.map(({ props }) => props.eventId));
}
