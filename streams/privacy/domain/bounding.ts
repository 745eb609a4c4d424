/** One account's activity in one cell of a window. */
export interface Cell {
  readonly account: string;
  readonly key: string;
  /** How much it did there, before clamping. */
  readonly value: number;
}

export interface Bounds {
  /** (window, key) cells that an account may touch a day. */
  readonly l0: number;
  /** What it may add to one. */
  readonly linf: number;
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
 */
export function boundWindow(
  cells: readonly Cell[],
  options: {
    readonly bounds: Bounds;
    readonly usedBefore: (account: string) => number;
    readonly rank: (account: string, key: string) => string;
  },
): Bounded {
  const { bounds, usedBefore, rank } = options;
  const sums = new Map<string, number>();
  const used = new Map<string, number>();
  for (const [account, own] of Map.groupBy(cells, (cell) => cell.account)) {
    const before = usedBefore(account);
    const ranked = own.map((cell) => ({ cell, at: rank(account, cell.key) })).sort((a, b) => (a.at < b.at ? -1 : 1));
    const kept = ranked.slice(0, Math.max(0, bounds.l0 - before));
    for (const { cell } of kept) sums.set(cell.key, (sums.get(cell.key) ?? 0) + Math.min(cell.value, bounds.linf));
    if (kept.length > 0) used.set(account, before + kept.length);
  }
  return { sums, used };
}
