interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

/** A map that forgets what was used longest ago once the weights of its entries pass a limit. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #weightMax: number;
  #weight = 0;

  constructor(options: { readonly weightMax: number }) {
    this.#weightMax = options.weightMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get weight(): number {
    return this.#weight;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value, unless it alone is heavier than the whole map may be. */
  set(key: string, value: V, weight: number): void {
    this.delete(key);
    if (weight > this.#weightMax) return;
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#weightMax) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
