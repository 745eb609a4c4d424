import { z } from 'zod';

/** How a request to the API ended. */
export const apiOutcomes = ['OK', 'ERRORS', 'REFUSED', 'UNAUTHENTICATED', 'LIMITED', 'UNAVAILABLE'] as const;
export type ApiOutcome = (typeof apiOutcomes)[number];

/** What became of the token that came with a request. */
export const logIns = ['ACCEPTED', 'REFUSED'] as const;
export type LogIn = (typeof logIns)[number];

/** Between which milliseconds an answer's time is counted; eight ranges. */
export const latencyEdgesMs: readonly number[] = [0, 5, 20, 50, 100, 250, 1_000, 5_000, 60_000];

/**
 * What one caller's requests met within a second or so: all that the gateway says of API use. The caller is a keyed hash of who is signed in, or of the network that the request came from; addresses, operations
 * and tokens are not told.
 */
export const apiUseSchema = z.strictObject({
  caller: z.string().regex(/^[0-9a-f]{32}$/),
  /** Microseconds since the Unix epoch at which the gathering began. */
  wallUs: z.int().nonnegative(),
  /** Answers by range of {@link latencyEdgesMs}. */
  latencies: z.array(z.int().min(0).max(1_000_000)).length(latencyEdgesMs.length - 1),
  outcomes: z.array(z.enum(apiOutcomes)).max(apiOutcomes.length),
  logIns: z.array(z.enum(logIns)).max(logIns.length),
});
export type ApiUse = z.infer<typeof apiUseSchema>;
