import { type Dimension, dimensions } from '../../../schema/graph/catalogue.ts';
import type { DimensionState } from './memory.ts';
import { type Change, accumulateInto, clockAfter, stateOfRow, sumsPerRow } from './score.ts';
import { grownFloats } from './walks/pool.ts';

/** A row's sums, its two instants and its count: as many numbers as a cache line of 64 bytes holds, so that a change touches one. */
const instantAt = sumsPerRow;
const countAt = sumsPerRow + 1;
const asOfAt = sumsPerRow + 2;
const rowLength = 8;

/**
 * The scores' sums of many creators in one typed array: a row for each creator and dimension that has evidence. A change costs one look-up of the
 * name and the decay of the row that it touches; nothing is allocated for a row that is there.
 */
export class SumsTable {
  /** By dimension: where the row of a creator begins. */
  readonly #first: Readonly<Record<Dimension, Map<string, number>>> = {
    QUALITY: new Map(),
    COLLABORATION: new Map(),
    COMMUNITY: new Map(),
    MENTORSHIP: new Map(),
    INNOVATION: new Map(),
  };
  #rows = new Float64Array(0);
  #used = 0;
  /** By row: the clock domain of its newest piece. */
  readonly #clocks: (string | undefined)[] = [];
  /** By row: the version of its ledger. */
  readonly #versions: (number | undefined)[] = [];

  accumulate(creatorId: string, dimension: Dimension, change: Change): void {
    const first = this.#firstOf(creatorId, dimension);
    const rows = this.#rows;
    const row = first / rowLength;
    this.#clocks[row] = clockAfter({ asOfMs: rows[first + asOfAt] as number, clock: this.#clocks[row] }, change);
    if (change.version !== undefined) this.#versions[row] = change.version;
    rows[first + instantAt] = accumulateInto(rows, { first, beforeMs: rows[first + instantAt] as number }, change);
    rows[first + asOfAt] = Math.max(rows[first + asOfAt] as number, change.happenedMs ?? change.atMs);
    rows[first + countAt] = (rows[first + countAt] as number) + change.pieces;
  }

  read(creatorId: string, dimension: Dimension): DimensionState | undefined {
    const first = this.#first[dimension].get(creatorId);
    if (first === undefined) return undefined;
    const at = (place: number): number => this.#rows[first + place] as number;
    const [clock, version] = [this.#clocks[first / rowLength], this.#versions[first / rowLength]];
    return stateOfRow(this.#rows, {
      first,
      count: at(countAt),
      atMs: at(instantAt),
      asOfMs: at(asOfAt),
      clock,
      version,
    });
  }

  /** Forgets a creator. Their rows are not used again. */
  remove(creatorId: string): void {
    for (const dimension of dimensions) this.#first[dimension].delete(creatorId);
  }

  #firstOf(creatorId: string, dimension: Dimension): number {
    const known = this.#first[dimension].get(creatorId);
    if (known !== undefined) return known;
    const first = this.#used;
    this.#used += rowLength;
    this.#rows = grownFloats(this.#rows, this.#used);
    this.#first[dimension].set(creatorId, first);
    return first;
  }
}
