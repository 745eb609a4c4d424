import { z } from 'zod';
import { dimensions } from '../../graph/catalogue.ts';

const pair = { fromId: z.string(), toId: z.string() };
/** A relationship's chain is its own; its events are ordered with the others of the creator it starts from, who is the same for the whole chain. */
const byFrom = (event: { readonly payload: { readonly fromId: string } }): string => event.payload.fromId;
const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;
const target = z.union([
  z.strictObject({ skill: z.string().max(64) }),
  z.strictObject({ dimension: z.enum(dimensions) }),
]);

export const relationshipEvents = {
  'relationship.followed': { version: 1, entity: 'Relationship', payload: z.strictObject(pair), key: byFrom },
  'relationship.unfollowed': { version: 1, entity: 'Relationship', payload: z.strictObject(pair), key: byFrom },
  'relationship.endorsed': {
    version: 1,
    entity: 'Relationship',
    payload: z.strictObject({ ...pair, target, weight: z.int().min(1).max(5) }),
    key: byFrom,
  },
  'relationship.endorsement-revoked': {
    version: 1,
    entity: 'Relationship',
    payload: z.strictObject({ ...pair, target }),
    key: byFrom,
  },
  /** Sealed beside it, for whoever learns: topic. Version 1 told it to everybody. */
  'relationship.mentorship-started': {
    version: 2,
    entity: 'Relationship',
    payload: z.strictObject(pair),
    upcasts: {
      1: ({ fromId, toId }: Readonly<Record<string, unknown>>) => ({ fromId, toId }),
    },
    key: byFrom,
  },
  'relationship.mentorship-ended': { version: 1, entity: 'Relationship', payload: z.strictObject(pair), key: byFrom },
  'relationship.blocked': { version: 1, entity: 'Relationship', payload: z.strictObject(pair), key: byFrom },
  'relationship.unblocked': { version: 1, entity: 'Relationship', payload: z.strictObject(pair), key: byFrom },
  /** Two creators worked on the same artifact once more. `fromId` is the one who acted: now one of them, now the other, in one chain. */
  'relationship.collaborated': {
    version: 1,
    entity: 'Relationship',
    payload: z.strictObject({ ...pair, artifactId: z.string(), weight: z.int().min(1) }),
    key: byEntity,
  },
} as const;
