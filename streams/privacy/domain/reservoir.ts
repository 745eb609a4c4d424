/**
 * What one account may contribute: at most so many cells, each cut off at a bound. Which cells stay is decided by a keyed priority,
 * so it depends on the set of contributions and not on when they arrive, and nobody without the key can steer it.
 * A cell of the final reservoir was among the lowest priorities from its first contribution on, so its amount is complete.
 */
export interface KeptCell {
  readonly cell: string;
  /** Lower-case hex, as from `cellPriority`; lowest stays. */
  readonly priority: string;
  /** What the account adds to the cell, at most `linf`. */
  readonly amount: number;
}

/** Sorted by priority, at most `cells` long. JSON as it stands. */
export type Reservoir = readonly KeptCell[];

export interface ReservoirBounds {
  /** How many cells may stay: l0, less what earlier windows of the account-day have used. */
  readonly cells: number;
  readonly linf: number;
}

function before(a: KeptCell, b: KeptCell): number {
  if (a.priority !== b.priority) return a.priority < b.priority ? -1 : 1;
  return a.cell < b.cell ? -1 : Number(a.cell > b.cell);
}

/** Both reservoirs' contributions in one, as if they had been offered one by one, in any order. */
export function mergeReservoirs(a: Reservoir, b: Reservoir, { cells, linf }: ReservoirBounds): Reservoir {
  const amounts = new Map<string, KeptCell>();
  for (const kept of [...a, ...b]) {
    const amount = Math.min(linf, (amounts.get(kept.cell)?.amount ?? 0) + kept.amount);
    amounts.set(kept.cell, { cell: kept.cell, priority: kept.priority, amount });
  }
  return [...amounts.values()].sort(before).slice(0, cells);
}

/** The reservoir with one more contribution. RangeError unless its amount is a whole number of at least 0. */
export function offer(reservoir: Reservoir, contribution: KeptCell, bounds: ReservoirBounds): Reservoir {
  const { amount } = contribution;
  if (!Number.isSafeInteger(amount) || amount < 0)
    throw new RangeError('an amount must be a whole number of at least 0');
  return mergeReservoirs(reservoir, [{ ...contribution, amount: Math.min(bounds.linf, amount) }], bounds);
}
