import { z } from 'zod';

/**
 * A tick of a clock domain, appended to every partition of the `events` topic. It promises that no event of
 * that domain with an earlier wall time follows on this partition. Windows close on ticks, never on data, so that
 * what is released, and when, does not depend on what anybody did.
 */
export const tickSchema = z.strictObject({ tick: z.string().min(1).max(64), wallUs: z.int().nonnegative() });
export type Tick = z.infer<typeof tickSchema>;
