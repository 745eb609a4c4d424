import { z } from 'zod';
import { creatorStates, creatorTypes } from '../../graph/catalogue.ts';

const byEntity = (event: { readonly entity: { readonly id: string } }): string => event.entity.id;
const skills = z.array(z.string().max(64)).max(50);

/** Sealed beside them: username, displayName, bio. */
export const creatorEvents = {
  'creator.registered': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({ creatorType: z.enum(creatorTypes), skills }),
    key: byEntity,
  },
  'creator.profile-updated': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({ creatorType: z.enum(creatorTypes), changed: z.array(z.string().max(32)).max(8) }),
    key: byEntity,
  },
  'creator.skills-changed': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({ added: skills, removed: skills }),
    key: byEntity,
  },
  'creator.visibility-changed': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({ publicMetrics: z.array(z.string().max(32)).max(32) }),
    key: byEntity,
  },
  'creator.state-changed': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({ from: z.enum(creatorStates), to: z.enum(creatorStates) }),
    key: byEntity,
  },
  /** The subject's key was destroyed: nobody can read their sealed fields any more, and every hash still verifies. */
  'creator.erased': {
    version: 1,
    entity: 'Creator',
    payload: z.strictObject({
      /** Null where nothing was ever sealed for them. */
      keyId: z.string().max(64).nullable(),
      erasedAt: z.iso.datetime(),
      /** The newest signed heads of canon's trees at that time. */
      treeHeads: z
        .array(z.strictObject({ partition: z.int().min(0), size: z.int().min(0), root: z.string().max(64) }))
        .max(1_024),
    }),
    key: byEntity,
  },
  /** A badge that another platform attests. The entity is the award. */
  'creator.badge-awarded': {
    version: 1,
    entity: 'BadgeAward',
    payload: z.strictObject({
      creatorId: z.string(),
      badge: z.string().max(64),
      tier: z.enum(['GOLD', 'SILVER', 'BRONZE']),
      about: z.string().max(64).nullable(),
    }),
    key: (event: { readonly payload: { readonly creatorId: string } }): string => event.payload.creatorId,
  },
} as const;
