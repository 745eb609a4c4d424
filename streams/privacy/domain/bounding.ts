/** What one account did in one cell of a window. */
export interface Cell {
  readonly account: string;
  readonly key: string;
  /** How much it did there, before clamping. */
  readonly value: number;
  /** To whom it was done, where the metric protects that account as well; null where that is nobody who could be bounded. */
  readonly subject: string | null;
}

export interface Bounds {
  /** (window, key) cells that an account may touch a day; with two principals: units that it may add. */
  readonly l0: number;
  /** What it may add to one cell; with two principals: what may be done to one account in a key. */
  readonly linf: number;
  readonly principals: 1 | 2;
  readonly pick: 'RANK' | 'MOST';
}

export interface Bounded {
  /** Sum per key of what counts. */
  readonly sums: ReadonlyMap<string, number>;
  /** Cells that each account has used up on this day, this window included. */
  readonly used: ReadonlyMap<string, number>;
}

/**
 * Bounds what each account contributes to one window: of the cells that it has left on this day it keeps those of the lowest rank, and at most `linf` in each. Whatever one
 * account does on a day moves the sums of all that day's windows by at most sqrt(l0) · linf in L2. The result depends on the set of cells, not on their
 * order; a window is bounded before the next one of its day is looked at, so that it can be released at once.
 *
 * With two principals each account keeps `l0` units of what it did (to whichever account), and then each account is counted at most `linf` times in a key as the one to whom it was done. Nothing
 * moves up into a place that the second bound leaves free, so one account moves the sums by at most l0 as the one and by linf in each key as the other.
 */
export function boundWindow(
  cells: readonly Cell[],
  options: {
    readonly bounds: Bounds;
    readonly usedBefore: (account: string) => number;
    readonly rank: (account: string, cell: Cell) => string;
    /** Whether an account may still be charged at all: what others do to one that may not counts nowhere. */
    readonly admits: (account: string) => boolean;
  },
): Bounded {
  const { bounds, usedBefore, admits } = options;
  const sums = new Map<string, number>();
  const used = new Map<string, number>();
  const done = new Map<string, number>();
  const count = (key: string, value: number): void => void sums.set(key, (sums.get(key) ?? 0) + value);
  for (const [account, own] of Map.groupBy(cells, (cell) => cell.account)) {
    if (!admits(account)) continue;
    const before = usedBefore(account);
    const left = Math.max(0, bounds.l0 - before);
    // Where all are kept, no rank decides anything, and each costs a keyed hash.
    const kept = own.length <= left ? own : ranked(own, options).slice(0, left);
    if (kept.length > 0) used.set(account, before + kept.length);
    for (const { key, value, subject } of kept) {
      if (bounds.principals === 1) count(key, Math.min(value, bounds.linf));
      else if (subject === null) count(key, 1);
      else if (admits(subject)) {
        const place = JSON.stringify([subject, key]);
        const already = done.get(place) ?? 0;
        done.set(place, already + 1);
        if (already < bounds.linf) count(key, 1);
      }
    }
  }
  return { sums, used };
}

function ranked(
  own: readonly Cell[],
  { bounds, rank }: { bounds: Bounds; rank: (account: string, cell: Cell) => string },
): readonly Cell[] {
  return own
    .map((cell) => ({ cell, at: rank(cell.account, cell) }))
    .sort((a, b) => {
      const more = bounds.pick === 'MOST' ? b.cell.value - a.cell.value : 0;
      return more === 0 ? (a.at < b.at ? -1 : 1) : more;
    })
    .map(({ cell }) => cell);
}
