import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../events/envelope.ts';
import { fraction } from './ledger-row.ts';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime({ precision: 3 });

/** One differentially private release. The public may know all of it. */
export const releaseSchema = z.strictObject({
  releaseId: z.string().min(1).max(160),
  metric: z.string(),
  /** Of the metric's declaration. */
  schemaHash: hex64,
  window: z.strictObject({ start: instant, end: instant }),
  key: z.string(),
  /** The bounded count with its noise. It may be negative. */
  value: z.int(),
  /** Holds the bounded count with probability `level`; from the noise's distribution, never from the data. */
  interval: z.strictObject({ level: z.number().gt(0).lt(1), low: z.int(), high: z.int() }),
  /** Variance parameter of the discrete Gaussian noise, an exact fraction. */
  sigma2: fraction,
  /** zCDP that an account pays for being in this cell; it is in at most l0 cells of the metric a day. */
  rho: fraction,
  sealedAt: instant,
  /** The ledger row under which the release was reserved. The row that seals it carries the release's hash. */
  ledgerSeq: z.int().nonnegative(),
  ledgerHash: hex64,
});
export type Release = z.infer<typeof releaseSchema>;

/** What the seal in the ledger covers: SHA-256 of the canonical JSON (RFC 8785) of the whole release, lower-case hex. */
export const hashRelease = (release: Release): string => sha256Hex(canonicalJson(release));

declare const releasedBrand: unique symbol;
/** What the ledger has sealed. Only `decideSeal` gives it; whatever leaves the processor for the public takes nothing else. */
export type Released<T> = T & { readonly [releasedBrand]: true };

/** A value that nobody may see before noise is added. It has no text and no JSON, so that it cannot slip into a log or a message. */
export class Raw<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value, for the function that adds the noise. */
  static reveal<T>(raw: Raw<T>): T {
    return raw.#value;
  }

  toJSON(): never {
    throw new TypeError('a raw value is not for serialising: release it first');
  }

  toString(): never {
    throw new TypeError('a raw value is not for printing: release it first');
  }
}
