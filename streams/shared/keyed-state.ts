import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { GroupedTable } from './grouped-table.ts';
import { parseJson } from './parse-json.ts';
import type { StateView, Store } from './state.ts';

/** A write of the current message: how to take it back, and what the changelog gets if it stays. */
interface Write {
  readonly store: string;
  readonly key: string;
  readonly before: unknown;
  readonly text: string | null;
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

/** Marks the changelog's keys of packed entries; no store is named so. */
const packMark = '*';
/** Characters of the entries in one record of the changelog. */
const packCharsMax = 200_000;

/** What one record of a changelog says of entries: each changelog key with its value as JSON; null where it is gone. Throws {@link CorruptStateError}. */
export function entriesOfChange({
  key,
  value,
}: Pick<LogRecord, 'key' | 'value'>): readonly (readonly [string, string | null])[] {
  const bar = key.indexOf('|');
  if (bar < 1 || key[bar - 1] !== packMark) return [[key, value]];
  const pack = parseJson(value);
  if (typeof pack !== 'object' || pack === null)
    throw new CorruptStateError(`${key.slice(0, 64)}: these packed entries cannot be read`);
  const store = key.slice(0, bar - packMark.length);
  return Object.entries(pack).map(([own, entry]) => [changelogKey(store, own), JSON.stringify(entry)]);
}

function frozen<V>(value: V): V {
  return typeof value === 'object' && value !== null ? Object.freeze(value) : value;
}

/**
 * The state of one partition, in memory. Writes are journalled per message, so that a message that is not ok leaves nothing
 * behind, and gathered per batch for the changelog.
 */
export class KeyedState implements StateView {
  readonly #stores: ReadonlyMap<string, Store<unknown>>;
  readonly #tables: ReadonlyMap<string, GroupedTable>;
  readonly #entryCharsMax: number;
  /** Writes of the current message, by changelog key. */
  readonly #journal = new Map<string, Write>();
  /** What the current batch leaves in each entry that it changed, as JSON; null where it removed one. */
  readonly #changed = new Map<string, string | null>();
  /** New entries of packed stores in the current batch, by store and key. */
  readonly #packed = new Map<string, Map<string, string>>();
  /** How many records of packed entries each store has. */
  readonly #packs = new Map<string, number>();

  constructor(stores: readonly Store<unknown>[], entryCharsMax: number) {
    this.#stores = new Map(stores.map((store) => [store.name, store]));
    this.#tables = new Map(stores.map((store) => [store.name, new GroupedTable(store.groupSegments)]));
    this.#entryCharsMax = entryCharsMax;
    if (this.#stores.size !== stores.length) throw new TypeError('two stores of a processor have the same name');
  }

  get<V>(store: Store<V>, key: string): Readonly<V> | undefined {
    return this.#table(store.name).get(key) as V | undefined;
  }

  put<V>(store: Store<V>, key: string, value: V): void {
    const text = JSON.stringify(value);
    if (text.length + key.length > this.#entryCharsMax) {
      throw new StateEntryTooLargeError(
        `an entry of store ${store.name} takes ${text.length + key.length} characters, at most ${this.#entryCharsMax} are kept`,
      );
    }
    this.#write({ store: store.name, key, value: frozen(value), text });
  }

  /** Not for packed stores: a TypeError. */
  remove<V>(store: Store<V>, key: string): void {
    if (this.#stores.get(store.name)?.isPacked) throw new TypeError(`entries of packed store ${store.name} stay`);
    if (this.#table(store.name).get(key) !== undefined)
      this.#write({ store: store.name, key, value: undefined, text: null });
  }

  entries<V>(store: Store<V>, prefix = ''): readonly (readonly [string, Readonly<V>])[] {
    const found = [...this.#table(store.name).startingWith(prefix)] as (readonly [string, V])[];
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /** Keeps what the current message wrote. */
  keep(): void {
    for (const [id, { store, key, before, text }] of this.#journal) {
      const packed = this.#packed.get(store);
      const isNew = before === undefined || packed?.has(key) === true;
      if (text === null || !isNew || this.#stores.get(store)?.isPacked !== true) this.#changed.set(id, text);
      else if (packed) packed.set(key, text);
      else this.#packed.set(store, new Map([[key, text]]));
    }
    this.#journal.clear();
  }

  /** Takes back what the current message wrote. */
  undo(): void {
    for (const { store, key, before } of this.#journal.values()) this.#set(store, key, before);
    this.#journal.clear();
  }

  /**
   * What changed since the last call, one record per entry, for the changelog; forgets it. The records have no ids: they commit with the
   * offsets that they follow from, so none comes twice, and the newest of a key counts.
   */
  takeChanges(changelog: { topic: string; partition: number }): readonly OutgoingRecord[] {
    const records = [...this.#changed].map(([key, value]) => ({ ...changelog, key, id: '', value }));
    this.#changed.clear();
    for (const [store, entries] of this.#packed) {
      for (const value of packsOf(entries)) {
        const number = this.#packs.get(store) ?? 0;
        this.#packs.set(store, number + 1);
        records.push({ ...changelog, key: changelogKey(store + packMark, String(number)), id: '', value });
      }
    }
    this.#packed.clear();
    return records;
  }

  /** Takes up one record of the changelog. Throws {@link CorruptStateError}. */
  restore(record: LogRecord): void {
    const where = `${record.topic} partition ${record.partition} offset ${record.offset}`;
    const bar = record.key.indexOf('|');
    const isPack = record.key[bar - 1] === packMark;
    const name = record.key.slice(0, isPack ? bar - packMark.length : Math.max(bar, 0));
    const store = this.#stores.get(name);
    if (!store)
      throw new CorruptStateError(`${where}: no store is named ${name.slice(0, 32)}; was it written by a newer build?`);
    const key = record.key.slice(bar + 1);
    const value = parseJson(record.value);
    if (!isPack) {
      this.#restoreEntry(where, store, { key, value: record.value === null ? null : { is: value } });
      return;
    }
    this.#packs.set(name, Math.max(this.#packs.get(name) ?? 0, Number(key) + 1));
    for (const [own, entry] of Object.entries(value ?? {}))
      this.#restoreEntry(where, store, { key: own, value: { is: entry } });
  }

  #restoreEntry(
    where: string,
    store: Store<unknown>,
    { key, value }: { key: string; value: { readonly is: unknown } | null },
  ): void {
    if (value === null) {
      this.#set(store.name, key, undefined);
      return;
    }
    if (!store.schema.safeParse(value.is).success)
      throw new CorruptStateError(
        `${where}: the entry does not fit store ${store.name}; was it written by another build?`,
      );
    // As it was written, not as the schema would order its fields: what is made of it must have the text that it would have had without a restart.
    this.#set(store.name, key, frozen(value.is));
  }

  #write({ store, key, value, text }: { store: string; key: string; value: unknown; text: string | null }): void {
    const id = changelogKey(store, key);
    const earlier = this.#journal.get(id);
    this.#journal.set(id, { store, key, text, before: earlier ? earlier.before : this.#table(store).get(key) });
    this.#set(store, key, value);
  }

  #set(store: string, key: string, value: unknown): void {
    this.#table(store).set(key, value);
  }

  #table(store: string): GroupedTable {
    const table = this.#tables.get(store);
    if (!table) throw new TypeError(`store ${store} is not among the stores of this processor`);
    return table;
  }
}

/** Entries as JSON objects of bounded size. */
function packsOf(entries: ReadonlyMap<string, string>): readonly string[] {
  const packs: string[] = [];
  let members: string[] = [];
  let chars = 0;
  for (const [key, text] of entries) {
    const member = `${JSON.stringify(key)}:${text}`;
    if (members.length > 0 && chars + member.length > packCharsMax) {
      packs.push(`{${members.join(',')}}`);
      members = [];
      chars = 0;
    }
    members.push(member);
    chars += member.length;
  }
  if (members.length > 0) packs.push(`{${members.join(',')}}`);
  return packs;
}
