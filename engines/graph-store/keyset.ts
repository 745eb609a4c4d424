import type { Direction, Keyset, Order } from './port.ts';
import type { Sortable } from './lists.ts';

/** Parts of a keyset's tie-breaker; no id or key holds the separator. */
const separator = '\0';

export interface EdgePlace {
  readonly value: Sortable;
  readonly neighbour: string;
  readonly key: string;
  /** 0 out, 1 in. */
  readonly direction: number;
}

export function edgeKeyset(place: EdgePlace): Keyset {
  return { value: place.value, id: [place.neighbour, place.key, place.direction].join(separator) };
}

/** Reads any keyset, also one that this adapter never gave: it is a position all the same. */
export function edgePlace({ value, id }: Keyset): EdgePlace {
  const [neighbour = '', key = '', direction = '0'] = id.split(separator);
  return { value, neighbour, key, direction: direction === '1' ? 1 : 0 };
}

export function refuseSeparator(text: string, what: string): void {
  if (text.includes(separator)) throw new RangeError(`${what} must not hold the character U+0000`);
}

/** How SQL says the order, and what lies behind a position in it. */
export function sqlOrder(order: Order): { readonly word: 'ASC' | 'DESC'; readonly behind: '>' | '<' } {
  return order === 'asc' ? { word: 'ASC', behind: '>' } : { word: 'DESC', behind: '<' };
}

/** The direction codes of `edge_lists` that a direction asks for. */
export function directionCodes(direction: Direction): readonly number[] {
  if (direction === 'both') return [0, 1];
  return direction === 'out' ? [0] : [1];
}

export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new RangeError(`limit must be a whole number of 0 or more, not ${limit}`);
}
