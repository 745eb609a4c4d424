import { z } from 'zod';

const domain = z.string().min(1).max(64);
const account = z.string().min(1).max(128);

/** Most that one message can add to a cell: larger values are cut off where they arise. */
export const itemValueMax = 1_000_000;

/** What one event adds to one metric: metric, key, how much, and to whom it was done (null where that is nobody who could be bounded). */
export const itemSchema = z.tuple([
  z.string(),
  z.string().min(1).max(160),
  z.int().positive().max(itemValueMax),
  account.nullable(),
]);
export type Item = z.infer<typeof itemSchema>;

/** What one account did at one time, or that the windows' clock moved on: the messages between the privacy processors. */
export const contributionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('activity'),
    /** Clock domain of the event. */
    domain,
    account,
    /** Microseconds since the Unix epoch. */
    wallUs: z.int().nonnegative(),
    items: z.array(itemSchema).max(128),
    /** Whether the account was at work itself then: it counts for the length of its session. */
    present: z.boolean(),
    /** An invitation of `other`, or first joint work with them: the time between the two is measured. */
    pair: z.strictObject({ phase: z.enum(['INVITED', 'JOINED']), other: account }).nullable(),
  }),
  /** Partition `partition` of `partitions` promises that no contribution of this domain before `wallUs` follows. */
  z.strictObject({ kind: z.literal('tick'), domain, wallUs: z.int().nonnegative(), partition: z.int().nonnegative() }),
]);

export type ContributionMessage = z.infer<typeof contributionSchema>;
export type ActivityMessage = Extract<ContributionMessage, { kind: 'activity' }>;
export type TickMessage = Extract<ContributionMessage, { kind: 'tick' }>;
