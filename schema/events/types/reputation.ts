import { z } from 'zod';
import { dimensions } from '../../graph/catalogue.ts';

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
} as const;
