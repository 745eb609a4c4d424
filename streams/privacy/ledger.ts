import { createHash } from 'node:crypto';

/** The hash that the first row of the ledger names as its predecessor's. */
const ledgerGenesis = '0'.repeat(64);

/** Where the ledger stands: the newest row's number and hash. */
export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}

/** What a row seals: a release with its cost, before it has a place. */
export interface SealedRelease {
  readonly releaseId: string;
  readonly schemaHash: string;
  /** Keyed commitment to the input. */
  readonly commitment: string;
  /** Exact fractions as text. */
  readonly rho: string;
  readonly sigma2: string;
  readonly value: string;
}

/** A row of the append-only ledger: write-once by release id, each row naming the hash of the one before. */
export interface LedgerRow extends SealedRelease {
  readonly seq: number;
  readonly state: 'SEALED';
  readonly prevHash: string;
  readonly hash: string;
}

/** The next row. `hash` covers everything but itself, in the order of the row's fields. */
export function sealRelease(head: LedgerHead | undefined, release: SealedRelease): LedgerRow {
  const { hash: prevHash, seq } = head ?? { hash: ledgerGenesis, seq: -1 };
  const unhashed = { ...release, seq: seq + 1, state: 'SEALED', prevHash } as const;
  return { ...unhashed, hash: hashOf(unhashed) };
}

/** The first row that does not follow from the rows before it, or whose hash is wrong; null where all are whole. */
export function firstBroken(rows: readonly LedgerRow[]): LedgerRow | null {
  let head: LedgerHead | undefined;
  for (const row of rows) {
    const { hash, ...rest } = row;
    const isNext = row.seq === (head?.seq ?? -1) + 1 && row.prevHash === (head?.hash ?? ledgerGenesis);
    if (!isNext || hash !== hashOf(rest)) return row;
    head = row;
  }
  return null;
}

function hashOf(row: Omit<LedgerRow, 'hash'>): string {
  const { seq, state, prevHash, releaseId, schemaHash, commitment, rho, sigma2, value } = row;
  return createHash('sha256')
    .update(JSON.stringify([seq, state, prevHash, releaseId, schemaHash, commitment, rho, sigma2, value]))
    .digest('hex');
}
