/**
 * Entries by key, kept in groups by the first segments of their keys (each ends with a bar), so that all entries of a group are found without looking at the others.
 */
export class GroupedTable {
  readonly #segments: number;
  readonly #groups = new Map<string, Map<string, unknown>>();

  constructor(segments: number) {
    this.#segments = segments;
  }

  get(key: string): unknown {
    if (this.#segments === 0) return this.#groups.get('')?.get(key);
    return this.#groups.get(this.#groupOf(key))?.get(key);
  }

  /** `undefined` is no JSON value, so it stands for an entry that is not there. */
  set(key: string, value: unknown): void {
    const name = this.#groupOf(key);
    const group = this.#groups.get(name);
    if (value === undefined) {
      group?.delete(key);
      if (group?.size === 0) this.#groups.delete(name);
    } else if (group) group.set(key, value);
    else this.#groups.set(name, new Map([[key, value]]));
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  *startingWith(prefix: string): Generator<readonly [string, unknown]> {
    const own = this.#groupOf(prefix);
    const isWhole = prefix.length >= own.length && this.#bars(own) === this.#segments;
    const groups = isWhole ? [[own, this.#groups.get(own)] as const] : this.#groups;
    for (const [name, group] of groups) {
      if (!group || !(name.startsWith(prefix) || prefix.startsWith(name))) continue;
      for (const entry of group) if (entry[0].startsWith(prefix)) yield entry;
    }
  }

  #bars(text: string): number {
    let count = 0;
    for (let at = text.indexOf('|'); at >= 0; at = text.indexOf('|', at + 1)) count += 1;
    return count;
  }

  /** The key up to its last bar that counts, with it; the whole key where it has fewer. */
  #groupOf(key: string): string {
    if (this.#segments === 0) return '';
    let end = 0;
    for (let n = 0; n < this.#segments; n += 1) {
      const bar = key.indexOf('|', end);
      if (bar < 0) return key;
      end = bar + 1;
    }
    return key.slice(0, end);
  }
}
