/** Checks a whole ledger from its rows alone, as anybody outside can. It cannot know whether inputs were bounded or noise was honest. */
import {
  type LedgerHead,
  type LedgerRow,
  type LedgerState,
  emptyLedgerHead,
  hashCells,
  hashLedgerRow,
} from '../../../../schema/metrics/ledger-row.ts';
import { compare, parseRational, zero } from '../../../../schema/metrics/rational.ts';
import { type Cost, dailyBudget, spend } from '../accounting/budget.ts';
import { type DayAccount, type ReleaseRecord, dayAfter, headAfter, newDay, releaseAfter } from './state.ts';

export type LedgerReport =
  | {
      readonly kind: 'whole';
      readonly head: LedgerHead;
      readonly releases: ReadonlyMap<string, ReleaseRecord>;
      readonly days: ReadonlyMap<string, DayAccount>;
    }
  /** The first row that does not follow from those before it. */
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/** The states from which a row may move a release; undefined stands for a release that is new. */
const predecessors: Readonly<Record<LedgerState, readonly (LedgerState | undefined)[]>> = {
  reserved: [undefined],
  sealed: ['reserved'],
  emitted: ['sealed'],
  burned: ['reserved', 'sealed'],
};

export interface LedgerRules {
  /** Tells what a declaration costs an account-day, from its public text; undefined for an unknown one. Without it charges are not checked. */
  readonly costOf?: (schemaHash: string) => Cost | undefined;
  readonly limit?: Cost;
}

/** Recomputes chain, transitions and sums of all rows. */
export function verifyLedger(
  rows: Iterable<LedgerRow>,
  { costOf, limit = dailyBudget }: LedgerRules = {},
): LedgerReport {
  const releases = new Map<string, ReleaseRecord>();
  const days = new Map<string, DayAccount>();
  let head: LedgerHead = emptyLedgerHead;
  for (const row of rows) {
    const release = releases.get(row.releaseId);
    const day = days.get(row.day);
    const reason =
      faultOfChain(row, head) ??
      faultOfMove(row, release) ??
      (costOf ? faultOfCharge(row, { day, limit, cost: costOf(row.schemaHash) }) : null);
    if (reason !== null) return { kind: 'broken', seq: head.seq + 1, reason };
    head = headAfter(row);
    releases.set(row.releaseId, releaseAfter(release, row));
    days.set(row.day, dayAfter(day, row));
  }
  return { kind: 'whole', head, releases, days };
}

function faultOfChain(row: LedgerRow, head: LedgerHead): string | null {
  if (row.seq !== head.seq + 1 || row.prevHash !== head.hash) return 'it does not follow the row before';
  return row.hash === hashLedgerRow(row) ? null : 'its hash is not that of its fields';
}

function faultOfMove(row: LedgerRow, release: ReleaseRecord | undefined): string | null {
  if (!predecessors[row.state].includes(release?.state))
    return `it moves a release from ${release?.state ?? 'nothing'} to ${row.state}`;
  if ((row.state === 'reserved') !== (row.releaseHash === null) && row.state !== 'burned')
    return 'only a sealed release has a hash';
  if ((row.state === 'sealed') !== (row.cells !== null)) return 'only a row that seals names cells';
  if (row.cells && hashCells(row.cells) !== row.releaseHash) return 'its hash is not that of its cells';
  if (!release) return null;
  const isSame =
    release.day === row.day && release.schemaHash === row.schemaHash && release.commitment === row.commitment;
  if (!isSame) return 'it changes what was reserved';
  return row.state === 'sealed' || row.releaseHash === release.releaseHash ? null : 'it changes what was sealed';
}

function faultOfCharge(
  row: LedgerRow,
  { day, limit, cost }: { readonly day: DayAccount | undefined; readonly limit: Cost; readonly cost: Cost | undefined },
): string | null {
  if (!cost) return 'its declaration is unknown';
  const charge = { rho: parseRational(row.rho), delta: parseRational(row.delta) };
  const isFirst = row.state === 'reserved' && !(day ?? newDay).charged.includes(row.schemaHash);
  const due = isFirst ? cost : { rho: zero, delta: zero };
  if (compare(charge.rho, due.rho) !== 0 || compare(charge.delta, due.delta) !== 0)
    return 'it does not charge what its declaration costs';
  const spent = { rho: parseRational((day ?? newDay).rho), delta: parseRational((day ?? newDay).delta) };
  const spending = spend(charge, { limit, spent });
  return spending.kind === 'refused' ? spending.reason : null;
}
