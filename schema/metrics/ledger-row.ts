import { z } from 'zod';
import { GENESIS_HASH, canonicalJson, sha256Hex } from '../events/envelope.ts';

/** What a row moves its release to. A burned release is spent and will never be emitted. */
export const ledgerStates = ['reserved', 'sealed', 'emitted', 'burned'] as const;
export type LedgerState = (typeof ledgerStates)[number];

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
/** An exact fraction that `parseRational` reads, whoever wrote it: no denominator of 0, and no more digits than it takes. */
export const fraction = z
  .string()
  .regex(/^\d{1,99}(\/[1-9]\d{0,98})?$/, 'must be a whole number or a fraction like 1/200, of at most 99 digits each');

/**
 * Hashes by key. Keys are what people write: `z.record` would leave out one that is called `__proto__`, and the row would no longer be what was
 * hashed.
 */
const hashesByKey = z.custom<Record<string, string>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((hash) => hex64.safeParse(hash).success),
  'must be an object of SHA-256 hashes in hex',
);

/** One row of the append-only budget and release ledger. Everything in it may be public: the commitment is keyed. */
export const ledgerRowSchema = z.strictObject({
  /** From 0, without gaps. */
  seq: z.int().nonnegative(),
  /** Hash of the row before; 64 zeros for the first. */
  prevHash: hex64,
  state: z.enum(ledgerStates),
  /** The budget day that pays, like `2018-03-12`. */
  day: z.string().min(1).max(128),
  /** Metric and start of the window: one row reserves, and one seals, all cells of a window. */
  releaseId: z.string().min(1).max(160),
  /** Of the metric's declaration. */
  schemaHash: hex64,
  /** Keyed commitment to the bounded input. */
  commitment: hex64,
  /**
   * What this row charges the day, exact. A metric's first reservation of a day charges all that its cells of that day can cost an
   * account; its other rows charge 0. So the sums of a day's rows are what the day has spent.
   */
  rho: fraction,
  delta: fraction,
  /** From the seal on: hash of the sealed cells, else null. */
  releaseHash: hex64.nullable(),
  /** The row that seals names every cell that it releases, by key, with the hash of its release; other rows have null. */
  cells: hashesByKey.nullable(),
  /** SHA-256 of the canonical JSON (RFC 8785) of all other fields. */
  hash: hex64,
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/** Where the chain stands: the newest row's number and hash. */
export type LedgerHead = Pick<LedgerRow, 'seq' | 'hash'>;

/** The head of an empty ledger. */
export const emptyLedgerHead: LedgerHead = { seq: -1, hash: GENESIS_HASH };

/** What a sealing row's `releaseHash` is of. */
export const hashCells = (cells: Readonly<Record<string, string>>): string => sha256Hex(canonicalJson(cells));

export function hashLedgerRow({ hash: _hash, ...rest }: Omit<LedgerRow, 'hash'> & { hash?: string }): string {
  return sha256Hex(canonicalJson(rest));
}
