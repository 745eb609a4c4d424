import type { Kind, Kinds, Memory } from './memory.ts';

/** The fast channel's memory in plain maps: for tests, and to measure it without a log. */
export class MapMemory implements Memory {
  readonly #tables: { readonly [K in Kind]: Map<string, Kinds[K]> } = {
    creator: new Map(),
    pair: new Map(),
    piece: new Map(),
    statement: new Map(),
    waiting: new Map(),
    population: new Map(),
  };

  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined {
    return this.#table(kind).get(key);
  }

  put<K extends Kind>(kind: K, key: string, value: Kinds[K]): void {
    this.#table(kind).set(key, value);
  }

  remove(kind: Kind, key: string): void {
    this.#tables[kind].delete(key);
  }

  #table<K extends Kind>(kind: K): Map<string, Kinds[K]> {
    return this.#tables[kind];
  }
}
