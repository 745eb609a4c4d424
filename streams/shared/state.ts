import type { z } from 'zod';

/** A named part of a processor's keyed state. The schema is checked when the state comes back from its changelog; it changes nothing. */
export interface Store<V> {
  readonly name: string;
  readonly schema: z.ZodType<V>;
  /** By how many segments of their keys (each ends with a bar) entries are grouped: `entries` of a whole group looks at no others. */
  readonly groupSegments: number;
  /** Whether its entries come once and are never removed (ids that were taken): those that are new in one batch stand in one record of the changelog. */
  readonly isPacked: boolean;
}

/** Declares a store. Names are short, without `|`, and never change once data is there. */
export function defineStore<V>(name: string, schema: z.ZodType<V>, groupSegments = 0): Store<V> {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new TypeError(`store name ${name}: lower-case letters, digits and hyphens, at most 32`);
  return { name, schema, groupSegments, isPacked: false };
}

/** Declares a store of entries that are never removed, at a fraction of the price in the changelog. */
export function definePackedStore<V>(name: string, schema: z.ZodType<V>): Store<V> {
  return { ...defineStore(name, schema), isPacked: true };
}

/** The state of one partition as a step sees it. Values are JSON values and must not be changed in place: put a new one. */
export interface StateView {
  get<V>(store: Store<V>, key: string): Readonly<V> | undefined;
  put<V>(store: Store<V>, key: string, value: V): void;
  remove<V>(store: Store<V>, key: string): void;
  /** Every entry whose key starts with `prefix`, sorted by key (code units), so that a restored state gives the same order. */
  entries<V>(store: Store<V>, prefix?: string): readonly (readonly [key: string, value: Readonly<V>])[];
}
