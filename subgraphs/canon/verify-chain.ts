import { GraphQLError } from 'graphql';
import type { GraphReader } from '../../engines/graph-store/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import { type ChainState, emptyChain, extendChain, judgeChain } from './domain/chain.ts';
import { readChain } from './queries.ts';
import { eventOfBody } from './recorded.ts';

const batch = 1_000;
const eventsMax = 100_000;

export interface ChainVerdict extends ChainState {
  readonly entityId: string;
  readonly verifies: boolean;
  readonly pending: number;
}

/**
 * Computes an entity's chain anew from what canon stores, or that of the claims about it, and compares its end with the store's. Throws LIMIT_EXCEEDED beyond 100,000
 * events.
 */
export async function verifyChain(
  { warehouse, store }: { readonly warehouse: Warehouse; readonly store: GraphReader },
  { entityId, isClaim }: { readonly entityId: string; readonly isClaim: boolean },
): Promise<ChainVerdict> {
  let state = emptyChain;
  let position = { entityVersion: 0, eventId: '' };
  let entityType: string | null = isClaim ? 'Claim' : null;
  for (;;) {
    const rows = await readChain(warehouse, { entityId, isClaim }, position, batch);
    for (const row of rows)
      state = extendChain(state, entityId, { eventId: row.event_id, hash: row.hash, event: eventOfBody(row.body) });
    const last = rows.at(-1);
    entityType ??= last?.entity_type ?? null;
    if (last === undefined || rows.length < batch) break;
    if (state.events >= eventsMax) throw tooLong(entityId);
    position = { entityVersion: last.entity_version, eventId: last.event_id };
  }
  const known = await knownHead(store, entityType, entityId);
  return { ...state, entityId, ...judgeChain(state, known) };
}

async function knownHead(
  store: GraphReader,
  entityType: string | null,
  entityId: string,
): Promise<{ entityVersion: number; hash: string } | null> {
  const types = entityType === null ? ['Artifact', 'Creator', 'Space', 'Post'] : [entityType];
  const heads = await store.get(
    'ChainHead',
    types.map((type) => `chain|${type}|${entityId}`),
  );
  return heads.find((head) => head !== null)?.props ?? null;
}

function tooLong(entityId: string): GraphQLError {
  return new GraphQLError(
    `entity ${entityId} has more than ${eventsMax} events: read them with canonEvents and compute their hashes yourself`,
    {
      extensions: { code: 'LIMIT_EXCEEDED' },
    },
  );
}
