/** Where wall time comes from: the machine, or the time of an import that is being replayed. */
export interface WallClock {
  /** Microseconds since the Unix epoch. */
  nowUs(): number;
}

export const machineClock: WallClock = { nowUs: () => Date.now() * 1000 };

/** Structurally the `HlcTimestamp` of schema/hlc.ts. */
export interface HlcReading {
  readonly wallUs: number;
  readonly counter: number;
  readonly node: string;
}

const counterMax = 65_535;

export class ClockDriftError extends Error {
  override readonly name = 'ClockDriftError';
}

/**
 * A hybrid logical clock (Kulkarni et al. 2014). Readings strictly increase, also when the machine's clock steps back; a
 * remote reading that is further ahead of the wall than `maxDriftMs` is refused, never clamped. When the counter is used up, the wall part moves on
 * by a microsecond, so the counter stays bounded.
 */
export class HlcClock {
  readonly #node: string;
  readonly #wall: WallClock;
  readonly #maxDriftUs: number;
  #last: { wallUs: number; counter: number } = { wallUs: 0, counter: 0 };

  constructor(options: { node: string; wall?: WallClock; maxDriftMs?: number }) {
    this.#node = options.node;
    this.#wall = options.wall ?? machineClock;
    this.#maxDriftUs = (options.maxDriftMs ?? 60_000) * 1000;
  }

  /** A reading later than every one given or observed before. */
  now(): HlcReading {
    const wallUs = this.#wall.nowUs();
    this.#last = wallUs > this.#last.wallUs ? { wallUs, counter: 0 } : next(this.#last);
    return { ...this.#last, node: this.#node };
  }

  /** A reading later than a stored one, too, where there is one: another process may have written it by a clock that goes before ours. */
  nowAfter(stored?: { readonly wallUs: number; readonly counter: number }): HlcReading {
    if (stored) this.restore(stored);
    return this.now();
  }

  /** Takes a remote reading into account. Throws {@link ClockDriftError} where it lies too far ahead of the wall. */
  observe(remote: { readonly wallUs: number; readonly counter: number }): void {
    const aheadUs = remote.wallUs - this.#wall.nowUs();
    if (aheadUs > this.#maxDriftUs) {
      throw new ClockDriftError(
        `the clock is ${Math.round(aheadUs / 1000)} ms ahead, at most ${this.#maxDriftUs / 1000} ms are accepted`,
      );
    }
    this.restore(remote);
  }

  /** Makes sure that readings come after one that this platform stored itself. Not limited by drift: it is already history. */
  restore(stored: { readonly wallUs: number; readonly counter: number }): void {
    const isLater =
      stored.wallUs > this.#last.wallUs || (stored.wallUs === this.#last.wallUs && stored.counter > this.#last.counter);
    if (isLater) this.#last = { wallUs: stored.wallUs, counter: stored.counter };
  }
}

function next(reading: { wallUs: number; counter: number }): { wallUs: number; counter: number } {
  return reading.counter < counterMax
    ? { wallUs: reading.wallUs, counter: reading.counter + 1 }
    : { wallUs: reading.wallUs + 1, counter: 0 };
}
