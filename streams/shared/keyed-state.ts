import type { LogRecord, OutgoingRecord } from '../../engines/event-log/port.ts';
import { fitsJson } from './fits-json.ts';
import { GroupedTable } from './grouped-table.ts';
import { parseJson } from './parse-json.ts';
import type { StateView, Store } from './state.ts';

/** A store with its entries, and what the current batch leaves in those that it changed. */
interface Slot {
  readonly store: Store<unknown>;
  readonly table: GroupedTable;
  /** `undefined` where an entry was removed. */
  readonly changed: Map<string, unknown>;
  /** New entries, where the store is packed. */
  readonly packed: Map<string, unknown>;
  /** How many records of packed entries the store has. */
  packs: number;
}

/** A write of the current message, and how to take it back. */
interface Write {
  readonly slot: Slot;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
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
 * behind, and gathered per batch for the changelog. An entry that many messages of a batch change is written down once, when its changes are taken.
 */
export class KeyedState implements StateView {
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #entryCharsMax: number;
  /** Writes of the current message, in their order. */
  readonly #journal: Write[] = [];

  constructor(stores: readonly Store<unknown>[], entryCharsMax: number) {
    this.#slots = new Map(
      stores.map((store) => [
        store.name,
        { store, table: new GroupedTable(store.groupSegments), changed: new Map(), packed: new Map(), packs: 0 },
      ]),
    );
    this.#entryCharsMax = entryCharsMax;
    if (this.#slots.size !== stores.length) throw new TypeError('two stores of a processor have the same name');
  }

  get<V>(store: Store<V>, key: string): Readonly<V> | undefined {
    return this.#slot(store.name).table.get(key) as V | undefined;
  }

  put<V>(store: Store<V>, key: string, value: V): void {
    const slot = this.#slot(store.name);
    // Only what may be too large is written down to see: its message is the one to put aside.
    if (!fitsJson(value, this.#entryCharsMax - key.length)) {
      const chars = JSON.stringify(value).length + key.length;
      if (chars > this.#entryCharsMax)
        throw new StateEntryTooLargeError(
          `an entry of store ${store.name} takes ${chars} characters, at most ${this.#entryCharsMax} are kept`,
        );
    }
    this.#write(slot, key, frozen(value));
  }

  /** Not for packed stores: a TypeError. */
  remove<V>(store: Store<V>, key: string): void {
    const slot = this.#slot(store.name);
    if (slot.store.isPacked) throw new TypeError(`entries of packed store ${store.name} stay`);
    if (slot.table.get(key) !== undefined) this.#write(slot, key, undefined);
  }

  entries<V>(store: Store<V>, prefix = ''): readonly (readonly [string, Readonly<V>])[] {
    const { table } = this.#slot(store.name);
    // Many a store is asked at every message and hardly ever has anything.
    if (table.isEmpty) return [];
    const found = [...table.startingWith(prefix)] as (readonly [string, V])[];
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /** Keeps what the current message wrote. */
  keep(): void {
    for (const { slot, key, before, after } of this.#journal) {
      const isAdded = slot.store.isPacked && (before === undefined || slot.packed.has(key));
      (isAdded ? slot.packed : slot.changed).set(key, after);
    }
    this.#journal.length = 0;
  }

  /** Takes back what the current message wrote. */
  undo(): void {
    for (const { slot, key, before } of this.#journal.reverse()) slot.table.set(key, before);
    this.#journal.length = 0;
  }

  /**
   * What changed since the last call, one record per entry, for the changelog; forgets it. The records have no ids: they commit with the
   * offsets that they follow from, so none comes twice, and the newest of a key counts.
   */
  takeChanges(changelog: { topic: string; partition: number }): readonly OutgoingRecord[] {
    const records: OutgoingRecord[] = [];
    const add = (key: string, value: string | null): void =>
      void records.push({ topic: changelog.topic, partition: changelog.partition, key, id: '', value });
    for (const { store, changed } of this.#slots.values()) {
      for (const [key, value] of changed)
        add(changelogKey(store.name, key), value === undefined ? null : JSON.stringify(value));
      changed.clear();
    }
    for (const slot of this.#slots.values()) {
      for (const value of packsOf(slot.packed)) {
        add(changelogKey(slot.store.name + packMark, String(slot.packs)), value);
        slot.packs += 1;
      }
      slot.packed.clear();
    }
    return records;
  }

  /** Takes up one record of the changelog. Throws {@link CorruptStateError}. */
  restore(record: LogRecord): void {
    const where = `${record.topic} partition ${record.partition} offset ${record.offset}`;
    const bar = record.key.indexOf('|');
    const isPack = record.key[bar - 1] === packMark;
    const name = record.key.slice(0, isPack ? bar - packMark.length : Math.max(bar, 0));
    const slot = this.#slots.get(name);
    if (!slot)
      throw new CorruptStateError(`${where}: no store is named ${name.slice(0, 32)}; was it written by a newer build?`);
    const key = record.key.slice(bar + 1);
    const value = parseJson(record.value);
    if (!isPack) {
      restoreEntry(where, slot, { key, value: record.value === null ? null : { is: value } });
      return;
    }
    slot.packs = Math.max(slot.packs, Number(key) + 1);
    for (const [own, entry] of Object.entries(value ?? {}))
      restoreEntry(where, slot, { key: own, value: { is: entry } });
  }

  #write(slot: Slot, key: string, after: unknown): void {
    this.#journal.push({ slot, key, before: slot.table.get(key), after });
    slot.table.set(key, after);
  }

  #slot(store: string): Slot {
    const slot = this.#slots.get(store);
    if (!slot) throw new TypeError(`store ${store} is not among the stores of this processor`);
    return slot;
  }
}

function restoreEntry(
  where: string,
  { store, table }: Slot,
  { key, value }: { key: string; value: { readonly is: unknown } | null },
): void {
  if (value === null) {
    table.set(key, undefined);
    return;
  }
  if (!store.schema.safeParse(value.is).success)
    throw new CorruptStateError(
      `${where}: the entry does not fit store ${store.name}; was it written by another build?`,
    );
  // As it was written, not as the schema would order its fields: what is made of it must have the text that it would have had without a restart.
  table.set(key, frozen(value.is));
}

/** Entries as JSON objects of bounded size. */
function packsOf(entries: ReadonlyMap<string, unknown>): readonly string[] {
  const packs: string[] = [];
  let members: string[] = [];
  let chars = 0;
  for (const [key, value] of entries) {
    const member = `${JSON.stringify(key)}:${JSON.stringify(value)}`;
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
