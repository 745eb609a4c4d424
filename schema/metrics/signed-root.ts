import { z } from 'zod';

/**
 * Where the ledger stood when a day of a clock ended, signed with Ed25519: with it nobody can cut off or rewrite what lies before. The signature is over a line that names its purpose and the
 * canonical JSON (RFC 8785) of all fields but itself and the public key.
 */
export const signedRootSchema = z.strictObject({
  /** The day that it closes, like `2018-03-12`. */
  day: z.string().min(1).max(128),
  seq: z.int().min(-1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The epoch (a month, like `2018-03`) whose windows are all sealed with this day, and whose key is destroyed; null on other days. */
  closesEpoch: z
    .string()
    .regex(/^\d{4}-\d\d$/)
    .nullable(),
  /** Base64. */
  signature: z.string(),
  /** The signer's, SPKI in DER, base64: compare it with what the platform publishes. */
  publicKey: z.string(),
});
export type SignedRoot = z.infer<typeof signedRootSchema>;
