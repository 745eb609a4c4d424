/** What the ledger's decisions look at: the chain's head, one release and one day. Plain JSON, so that a keyed store holds it. */
import {
  type LedgerHead,
  type LedgerRow,
  type LedgerState,
  emptyLedgerHead,
  hashLedgerRow,
} from '../../../../schema/metrics/ledger-row.ts';
import { add, formatRational, parseRational } from '../../../../schema/metrics/rational.ts';

/** The release of one window of a metric, as far as it has come. */
export interface ReleaseRecord {
  readonly releaseId: string;
  readonly state: LedgerState;
  readonly day: string;
  readonly schemaHash: string;
  readonly commitment: string;
  readonly releaseHash: string | null;
  /** The row that reserved it: what the release itself names. */
  readonly reservation: LedgerHead;
}

/** What a day has spent, as exact fractions, and the declarations that have been charged to it. */
export interface DayAccount {
  readonly rho: string;
  readonly delta: string;
  readonly charged: readonly string[];
}

export const newDay: DayAccount = { rho: '0', delta: '0', charged: [] };

/** The next row of the chain. */
export function chain(head: LedgerHead | undefined, entry: Omit<LedgerRow, 'seq' | 'prevHash' | 'hash'>): LedgerRow {
  const { seq, hash: prevHash } = head ?? emptyLedgerHead;
  const unhashed = { ...entry, seq: seq + 1, prevHash };
  return { ...unhashed, hash: hashLedgerRow(unhashed) };
}

export const headAfter = ({ seq, hash }: LedgerRow): LedgerHead => ({ seq, hash });

export function releaseAfter(before: ReleaseRecord | undefined, row: LedgerRow): ReleaseRecord {
  const { releaseId, state, day, schemaHash, commitment, releaseHash } = row;
  return {
    releaseId,
    state,
    day,
    schemaHash,
    commitment,
    releaseHash,
    reservation: before?.reservation ?? headAfter(row),
  };
}

export function dayAfter(before: DayAccount | undefined, row: LedgerRow): DayAccount {
  const { rho, delta, charged } = before ?? newDay;
  if (row.state !== 'reserved' || charged.includes(row.schemaHash)) return before ?? newDay;
  const sum = (a: string, b: string): string => formatRational(add(parseRational(a), parseRational(b)));
  return { rho: sum(rho, row.rho), delta: sum(delta, row.delta), charged: [...charged, row.schemaHash] };
}
