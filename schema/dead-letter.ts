import { z } from 'zod';

/** Longest original value that a dead letter carries, in characters; a longer one is cut and read from its place in the log for a replay. */
export const deadLetterValueCharsMax = 262_144;
/** The same of its key and of its id, which are as long as whoever writes to the log likes: a letter must fit there itself. */
export const deadLetterKeyCharsMax = 1_024;

/** Where JavaScript's dates end. */
const lastDateMs = 8.64e15;

/** A message that a processor or sink would not take, with everything needed to understand it and to send it again. */
export const deadLetterSchema = z.strictObject({
  /** Who refused it. */
  processor: z.string().min(1).max(64),
  /** Code for counting and filtering. */
  reason: z.string().min(1).max(64),
  /** For a human; names fields and limits, never personal values. */
  message: z.string().max(1_000),
  /** Where the original stands, and what it was. */
  topic: z.string().min(1),
  partition: z.int().nonnegative(),
  offset: z.int().nonnegative(),
  key: z.string(),
  id: z.string(),
  value: z.string().max(deadLetterValueCharsMax).nullable(),
  /** Whether the value is not whole, or the key is not. */
  valueCut: z.boolean(),
  /** Milliseconds since the Unix epoch at which it was refused. */
  refusedAtMs: z.int().nonnegative().max(lastDateMs),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;
