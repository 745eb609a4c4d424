/**
 * The write-once ledger: reserved → sealed → emitted, or burned. The budget is charged with the reservation, before any noise is drawn, and
 * never refunded: a crash in between leaves it spent. Each decision appends one row, or finds that it was taken before (a replay),
 * or refuses. A refusal changes nothing.
 */
import { type LedgerHead, type LedgerRow, type LedgerState, hashCells } from '../../../../schema/metrics/ledger-row.ts';
import { formatRational, parseRational } from '../../../../schema/metrics/rational.ts';
import { type Release, type Released, hashRelease } from '../../../../schema/metrics/release.ts';
import { type Cost, dailyBudget, spend } from '../accounting/budget.ts';
import { type DayAccount, type ReleaseRecord, chain, newDay } from './state.ts';

export type RefusalCode =
  'DIFFERENT_INPUT' | 'DIFFERENT_OUTPUT' | 'DIFFERENT_DECLARATION' | 'OVERSPENT' | 'OUT_OF_ORDER' | 'WRONG_RESERVATION';

export type Decision =
  | { readonly kind: 'append'; readonly row: LedgerRow }
  /** Decided before, in just this way: go on from where the release stands. */
  | { readonly kind: 'repeat'; readonly release: ReleaseRecord }
  /** `reason` names neither values nor accounts. */
  | { readonly kind: 'refuse'; readonly code: RefusalCode; readonly reason: string };

/** What is known of the release that a decision is about. */
export interface LedgerView {
  readonly head: LedgerHead | undefined;
  readonly release: ReleaseRecord | undefined;
}

const refuse = (code: RefusalCode, reason: string): Decision & { kind: 'refuse' } => ({ kind: 'refuse', code, reason });

export interface Reservation {
  readonly releaseId: string;
  readonly day: string;
  readonly schemaHash: string;
  readonly commitment: string;
  /** What the whole metric costs an account-day. */
  readonly cost: Cost;
}

/**
 * Reserves budget for a release. The first reservation of a declaration on a day charges that metric's whole daily cost, later ones
 * nothing, because the metric's cells of one day share one bound per account.
 */
export function decideReserve(
  {
    head,
    release,
    day,
    limit = dailyBudget,
  }: LedgerView & { readonly day: DayAccount | undefined; readonly limit?: Cost },
  wanted: Reservation,
): Decision {
  const { releaseId, schemaHash, commitment, cost } = wanted;
  if (release) return differs(release, wanted) ?? replay(release);
  const { rho, delta, charged } = day ?? newDay;
  const isCharged = charged.includes(schemaHash);
  if (!isCharged) {
    const spending = spend(cost, { limit, spent: { rho: parseRational(rho), delta: parseRational(delta) } });
    if (spending.kind === 'refused') return refuse('OVERSPENT', `${wanted.day}: ${spending.reason}`);
  }
  const charge = isCharged
    ? { rho: '0', delta: '0' }
    : { rho: formatRational(cost.rho), delta: formatRational(cost.delta) };
  const row = {
    state: 'reserved',
    day: wanted.day,
    releaseId,
    schemaHash,
    commitment,
    ...charge,
    releaseHash: null,
    cells: null,
  } as const;
  return { kind: 'append', row: chain(head, row) };
}

function differs(release: ReleaseRecord, wanted: Reservation): Decision | null {
  if (release.schemaHash !== wanted.schemaHash || release.day !== wanted.day) {
    return refuse('DIFFERENT_DECLARATION', 'this release was reserved under another declaration or day');
  }
  if (release.commitment === wanted.commitment) return null;
  return refuse('DIFFERENT_INPUT', 'this release was reserved for another input: late data belongs to a later window');
}

function replay(release: ReleaseRecord): Decision {
  if (release.state !== 'burned') return { kind: 'repeat', release };
  return refuse('OUT_OF_ORDER', 'this release is burned: its budget is spent and it stays empty');
}

export type SealDecision =
  | Exclude<Decision, { kind: 'append' | 'repeat' }>
  | (Extract<Decision, { kind: 'append' | 'repeat' }> & { readonly released: readonly Released<Release>[] });

/** The hashes of a window's releases by key: what its seal says. */
const cellsOf = (releases: readonly Release[]): Record<string, string> =>
  Object.fromEntries(releases.map((release) => [release.key, hashRelease(release)]));

/** Seals what was drawn under a reservation, all cells of the window at once. Only what comes out as `released` may be published. */
export function decideSeal({ head, release }: LedgerView, drawn: readonly Release[]): SealDecision {
  if (!release || release.state === 'burned') return refuse('OUT_OF_ORDER', 'only a reserved release can be sealed');
  const { reservation } = release;
  const isOwn = (cell: Release): boolean =>
    cell.releaseId === `${release.releaseId}|${cell.key}` &&
    cell.ledgerSeq === reservation.seq &&
    cell.ledgerHash === reservation.hash;
  if (!drawn.every(isOwn) || new Set(drawn.map((cell) => cell.key)).size !== drawn.length)
    return refuse('WRONG_RESERVATION', 'a cell names another reservation than its window’s, or stands twice');
  if (drawn.some((cell) => cell.schemaHash !== release.schemaHash))
    return refuse('DIFFERENT_DECLARATION', 'a cell names another declaration than its reservation');
  const cells = cellsOf(drawn);
  const releaseHash = hashCells(cells);
  const released = drawn as readonly Released<Release>[];
  if (release.state === 'reserved')
    return { ...moved(head, release, { state: 'sealed', releaseHash, cells }), released };
  if (release.releaseHash === releaseHash) return { kind: 'repeat', release, released };
  return refuse('DIFFERENT_OUTPUT', 'this release is sealed with other bytes: publish those');
}

/** Marks a sealed release as handed over to the public. */
export function decideEmit({ head, release }: LedgerView, released: readonly Released<Release>[]): Decision {
  if (release?.state !== 'sealed' && release?.state !== 'emitted') {
    return refuse('OUT_OF_ORDER', 'only a sealed release can be emitted');
  }
  if (release.releaseHash !== hashCells(cellsOf(released)))
    return refuse('DIFFERENT_OUTPUT', 'this release is sealed with other bytes');
  if (release.state === 'emitted') return { kind: 'repeat', release };
  return moved(head, release, { state: 'emitted' });
}

/** Gives up a release that was not emitted. What it cost stays spent. */
export function decideBurn({ head, release }: LedgerView): Decision {
  if (!release || release.state === 'emitted') {
    return refuse('OUT_OF_ORDER', 'only a release that is reserved or sealed can be burned');
  }
  if (release.state === 'burned') return { kind: 'repeat', release };
  return moved(head, release, { state: 'burned' });
}

function moved(
  head: LedgerHead | undefined,
  release: ReleaseRecord,
  to: { readonly state: LedgerState; readonly releaseHash?: string; readonly cells?: Record<string, string> },
): Decision & { kind: 'append' } {
  const { reservation: _reservation, ...kept } = release;
  return { kind: 'append', row: chain(head, { ...kept, rho: '0', delta: '0', cells: null, ...to }) };
}
