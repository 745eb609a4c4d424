import { z } from 'zod';
import { dimensions } from '../../graph/catalogue.ts';
import { attestedReasons } from '../../reputation/stackexchange-2018.ts';

/** Ordered with everything else that is about the creator. */
const byCreator = (event: { readonly payload: { readonly creatorId: string } }): string => event.payload.creatorId;
const creatorId = z.string();
const dimension = z.enum(dimensions);

export const reputationEvents = {
  'reputation.leaderboards-chosen': {
    version: 1,
    entity: 'ReputationSettings',
    payload: z.strictObject({ creatorId, dimensions: z.array(dimension).max(dimensions.length) }),
    key: byCreator,
  },
  /** What another platform's own formula counts beside judgements. It is no evidence. */
  'reputation.points-attested': {
    version: 1,
    entity: 'PointsAttestation',
    payload: z.strictObject({
      reason: z.enum(attestedReasons),
      points: z.int(),
      creatorIds: z.array(creatorId).min(1).max(500),
    }),
    key: (event: { readonly entity: { readonly id: string } }): string => event.entity.id,
  },
  /** Sealed for the creator: text. Which piece of evidence it is about is not told: that would tell who gave it. */
  'reputation.appeal-opened': {
    version: 1,
    entity: 'Appeal',
    payload: z.strictObject({ creatorId, dimension, dueAt: z.iso.datetime() }),
    key: byCreator,
  },
  'reputation.appeal-taken': { version: 1, entity: 'Appeal', payload: z.strictObject({ creatorId }), key: byCreator },
  /** Sealed for the creator: reason. */
  'reputation.appeal-decided': {
    version: 1,
    entity: 'Appeal',
    payload: z.strictObject({ creatorId, dimension, outcome: z.enum(['UPHELD', 'REJECTED']) }),
    key: byCreator,
  },
} as const;
