import { z } from 'zod';
import { hlcSchema } from '../../hlc.ts';

const region = z.string().min(1).max(32);
const entity = z.strictObject({ type: z.string().min(1).max(64), id: z.string().min(1).max(128) });
const epoch = z.int().min(1);
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const byEntity = (event: { readonly payload: { readonly entity: { readonly id: string } } }): string =>
  event.payload.entity.id;

/** Where an entity's settled history ends: what its new home goes on from. Null where nothing is settled. */
const head = z
  .strictObject({
    version: z.int().min(1),
    hash: hex64,
    hlc: hlcSchema,
    ended: z.literal(true).optional(),
    owners: z.array(z.string()).optional(),
    begun: z.string().optional(),
  })
  .nullable();

/** What a region does as the home of an entity (streams/canon/regions). The chain's entity is the pair of region and entity. */
export const regionEvents = {
  /** From here on this region is the entity's home. `from`: the term before it, and how much of that home's log it goes on from. */
  'region.home-taken': {
    version: 1,
    entity: 'Home',
    payload: z.strictObject({
      entity,
      epoch,
      from: z.strictObject({ region, epoch, size: z.int().min(0) }).nullable(),
      head,
    }),
    key: byEntity,
  },
  /** From here on it is not: handed over to another region, or found that another had taken over. */
  'region.home-yielded': {
    version: 1,
    entity: 'Home',
    payload: z.strictObject({ entity, epoch, to: region }),
    key: byEntity,
  },
  /** The home takes up what was written elsewhere about its entity. `epoch`: the term under which that was written; 0 where its region was not the home. */
  'region.confirmed': {
    version: 1,
    entity: 'Home',
    payload: z.strictObject({ entity, eventId: z.string().min(1).max(128), eventHash: hex64, epoch: z.int().min(0) }),
    key: byEntity,
  },
} as const;
