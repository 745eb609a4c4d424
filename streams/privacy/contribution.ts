import { z } from 'zod';

const domain = z.string().min(1).max(64);

/** What one account did in one window, or that the window's clock moved on: the messages between the two privacy processors. */
export const contributionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('contribution'),
    metric: z.string(),
    /** Clock domain of the event. */
    domain,
    account: z.string(),
    /** Start of the window, in microseconds since the Unix epoch. */
    windowUs: z.int().nonnegative(),
    key: z.string(),
    value: z.int().positive(),
  }),
  /** Partition `partition` of `partitions` promises that no contribution of this domain before `wallUs` follows. */
  z.strictObject({ kind: z.literal('tick'), domain, wallUs: z.int().nonnegative(), partition: z.int().nonnegative() }),
]);

export type ContributionMessage = z.infer<typeof contributionSchema>;
export type Contribution = Extract<ContributionMessage, { kind: 'contribution' }>;
export type TickMessage = Extract<ContributionMessage, { kind: 'tick' }>;
