/** Next offset of each stream (topic partition) that a transaction appended to. */
export type TouchedStreams = Map<number, number>;

type Listener = (stream: number) => void;

/** Tells consumers and tails in this process that a commit made new records readable. */
export class CommitSignal {
  readonly #listeners = new Map<number, Set<Listener>>();

  publish(touched: TouchedStreams): void {
    for (const stream of touched.keys()) {
      for (const listener of [...(this.#listeners.get(stream) ?? [])]) listener(stream);
    }
  }

  /** Calls `listener` with the stream after each commit that appended to one of these. Returns how to stop that. */
  subscribe(streams: readonly number[], listener: Listener): () => void {
    for (const stream of streams) {
      const listeners = this.#listeners.get(stream) ?? new Set();
      this.#listeners.set(stream, listeners.add(listener));
    }
    return () => {
      for (const stream of streams) {
        const listeners = this.#listeners.get(stream);
        listeners?.delete(listener);
        if (listeners?.size === 0) this.#listeners.delete(stream);
      }
    };
  }
}
