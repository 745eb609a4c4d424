import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { parseJson } from './parse-json.ts';
import type { StateView, Store } from './state.ts';

interface Entry {
  readonly value: unknown;
  /** JSON of the value: what the changelog gets. */
  readonly text: string;
}

export class StateEntryTooLargeError extends Error {
  override readonly name = 'StateEntryTooLargeError';
}

/** The changelog holds something that this build cannot read. Starting with less state than was committed would count twice. */
export class CorruptStateError extends Error {
  override readonly name = 'CorruptStateError';
}

/** A changelog key: store and key, so that one topic carries all stores of a processor. */
const changelogKey = (store: string, key: string): string => `${store}|${key}`;

function frozen<V>(value: V): V {
  return typeof value === 'object' && value !== null ? Object.freeze(value) : value;
}

/**
 * The state of one partition, in memory. Writes are journalled per message, so that a message that is not ok leaves nothing
 * behind, and gathered per batch for the changelog.
 */
export class KeyedState implements StateView {
  readonly #stores: ReadonlyMap<string, Store<unknown>>;
  readonly #entries: ReadonlyMap<string, Map<string, Entry>>;
  readonly #entryCharsMax: number;
  /** What the entries written by the current message were before it. */
  readonly #journal = new Map<string, { store: string; key: string; before: Entry | undefined }>();
  /** Entries that the current batch changed. */
  readonly #changed = new Map<string, { store: string; key: string }>();

  constructor(stores: readonly Store<unknown>[], entryCharsMax: number) {
    this.#stores = new Map(stores.map((store) => [store.name, store]));
    this.#entries = new Map(stores.map((store) => [store.name, new Map<string, Entry>()]));
    this.#entryCharsMax = entryCharsMax;
    if (this.#stores.size !== stores.length) throw new TypeError('two stores of a processor have the same name');
  }

  get<V>(store: Store<V>, key: string): Readonly<V> | undefined {
    return this.#table(store.name).get(key)?.value as V | undefined;
  }

  put<V>(store: Store<V>, key: string, value: V): void {
    const text = JSON.stringify(value);
    if (text.length + key.length > this.#entryCharsMax) {
      throw new StateEntryTooLargeError(
        `an entry of store ${store.name} takes ${text.length + key.length} characters, at most ${this.#entryCharsMax} are kept`,
      );
    }
    this.#write(store.name, key, { value: frozen(value), text });
  }

  remove<V>(store: Store<V>, key: string): void {
    if (this.#table(store.name).has(key)) this.#write(store.name, key, undefined);
  }

  entries<V>(store: Store<V>, prefix = ''): readonly (readonly [string, Readonly<V>])[] {
    const found: (readonly [string, V])[] = [];
    for (const [key, entry] of this.#table(store.name)) if (key.startsWith(prefix)) found.push([key, entry.value as V]);
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /** Keeps what the current message wrote. */
  keep(): void {
    for (const [id, { store, key }] of this.#journal) this.#changed.set(id, { store, key });
    this.#journal.clear();
  }

  /** Takes back what the current message wrote. */
  undo(): void {
    for (const { store, key, before } of this.#journal.values()) this.#set(store, key, before);
    this.#journal.clear();
  }

  /** What changed since the last call, one record per entry, for the changelog; forgets it. `idPrefix` makes the records' ids unique. */
  takeChanges(changelog: { topic: string; partition: number; idPrefix: string }): readonly OutgoingRecord[] {
    const records = [...this.#changed].map(([id, { store, key }]) => ({
      topic: changelog.topic,
      partition: changelog.partition,
      key: id,
      id: `${changelog.idPrefix}:${id}`,
      value: this.#table(store).get(key)?.text ?? null,
    }));
    this.#changed.clear();
    return records;
  }

  /** Takes up one record of the changelog. Throws {@link CorruptStateError}. */
  restore(record: LogRecord): void {
    const bar = record.key.indexOf('|');
    const store = this.#stores.get(record.key.slice(0, bar));
    const where = `${record.topic} partition ${record.partition} offset ${record.offset}`;
    if (!store)
      throw new CorruptStateError(
        `${where}: no store is named ${record.key.slice(0, Math.max(bar, 0)).slice(0, 32)}; was it written by a newer build?`,
      );
    const key = record.key.slice(bar + 1);
    if (record.value === null) {
      this.#set(store.name, key, undefined);
      return;
    }
    const parsed = store.schema.safeParse(parseJson(record.value));
    if (!parsed.success)
      throw new CorruptStateError(
        `${where}: the entry does not fit store ${store.name}; was it written by another build?`,
      );
    this.#set(store.name, key, { value: frozen(parsed.data), text: record.value });
  }

  #write(store: string, key: string, entry: Entry | undefined): void {
    const id = changelogKey(store, key);
    if (!this.#journal.has(id)) this.#journal.set(id, { store, key, before: this.#table(store).get(key) });
    this.#set(store, key, entry);
  }

  #set(store: string, key: string, entry: Entry | undefined): void {
    const table = this.#table(store);
    if (entry) table.set(key, entry);
    else table.delete(key);
  }

  #table(store: string): Map<string, Entry> {
    const table = this.#entries.get(store);
    if (!table) throw new TypeError(`store ${store} is not among the stores of this processor`);
    return table;
  }
}
