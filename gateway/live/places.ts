export interface PlacesOptions {
  /** Over all callers. */
  readonly max: number;
  /** For each caller; 0 does not limit. */
  readonly perCallerMax: number;
}

/** Why there is no place: with the limit that was reached. */
export interface NoPlace {
  readonly reached: 'all' | 'caller';
  readonly limit: number;
}

/** A subscription's place, from the moment it is asked for: what many ask for at once is counted before the first of them is open. */
export interface Place {
  /** Does nothing the second time. */
  readonly leave: () => void;
}

/** How many subscriptions there may be, over all callers and of each. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #byCaller = new Map<string, number>();
  #taken = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  take(caller: string): Place | NoPlace {
    const { max, perCallerMax } = this.#options;
    if (this.#taken >= max) return { reached: 'all', limit: max };
    const own = this.#byCaller.get(caller) ?? 0;
    if (perCallerMax > 0 && own >= perCallerMax) return { reached: 'caller', limit: perCallerMax };
    this.#count(caller, 1);
    let isTaken = true;
    return {
      leave: () => {
        if (isTaken) this.#count(caller, -1);
        isTaken = false;
      },
    };
  }

  #count(caller: string, change: 1 | -1): void {
    this.#taken += change;
    const own = (this.#byCaller.get(caller) ?? 0) + change;
    if (own > 0) this.#byCaller.set(caller, own);
    else this.#byCaller.delete(caller);
  }
}
