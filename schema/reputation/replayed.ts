import { z } from 'zod';
import { evidenceSchema } from './evidence.ts';

const domain = z.string().min(1).max(160);

/** A piece of evidence of a replay, with the place of its event on the replay's clock; `piece` counts those of one event. */
const piece = z.strictObject({
  kind: z.literal('PIECE'),
  domain,
  wallUs: z.int().nonnegative(),
  counter: z.int().nonnegative(),
  piece: z.int().nonnegative(),
  evidence: evidenceSchema,
});

/** A tick of a replay's clock in one partition of `events`: everything earlier that this partition holds has come. */
const tick = z.strictObject({
  kind: z.literal('TICK'),
  domain,
  partition: z.int().nonnegative(),
  wallUs: z.int().nonnegative(),
});

/** The records of the topic `reputationReplayed`. */
export const replayedSchema = z.discriminatedUnion('kind', [piece, tick]);
export type Replayed = z.infer<typeof replayedSchema>;
export type ReplayedPiece = z.infer<typeof piece>;
export type ReplayedTick = z.infer<typeof tick>;
