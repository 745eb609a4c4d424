import { z } from 'zod';
import { hlcSchema } from '../../schema/hlc.ts';
import { definePackedStore, defineStore } from '../shared/state.ts';
import type { ChainHead } from './domain/chain.ts';
import { type Standing, ranks } from './domain/resolution/standing.ts';

export const standingSchema = z.enum(Object.keys(ranks) as [Standing, ...Standing[]]);

/** Hash of every event taken up, by its id: exact and for ever. */
export const takenEvents = definePackedStore('events', z.string());

/** The newest link of every entity's chain, and what canon holds of the entity there (while nothing is in dispute). */
export const chainHeads = defineStore<ChainHead>(
  'heads',
  z.strictObject({
    version: z.int().min(1),
    hash: z.string(),
    hlc: hlcSchema,
    ended: z.literal(true).optional(),
    owners: z.array(z.string()).optional(),
    begun: z.string().optional(),
    begunBy: standingSchema.optional(),
  }),
);

/** How many leaves the partition's Merkle tree has, under the key ''. */
export const leafCount = defineStore('leaves', z.int().min(0));
