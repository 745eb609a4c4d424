import type { Keyset, Page } from '../../engines/graph-store/port.ts';
import { type PageRequest, pageLimits } from './connection.ts';

/** How many pages are read for one that is shown. A longer run of items that are not for the viewer ends the list. */
const roundsMax = 20;

/**
 * A page of what the viewer may see of a list: `read` gives the list itself, `show` what stands for each item, null for what is
 * not for the viewer. Reads on until the page is full.
 */
export async function visiblePage<S, T>(
  request: PageRequest,
  read: (request: PageRequest) => Promise<Page<S>>,
  show: (items: readonly S[]) => Promise<readonly (T | null)[]>,
): Promise<Page<T>> {
  const items: T[] = [];
  const keysets: Keyset[] = [];
  let next = request;
  for (let round = 0; round < roundsMax; round++) {
    const page = await read(next);
    const shown = await show(page.items);
    for (const [index, item] of shown.entries()) {
      if (item === null) continue;
      if (items.length === request.limit) return { items, keysets, hasMore: true };
      items.push(item);
      keysets.push(page.keysets[index] as Keyset);
    }
    const last = page.keysets.at(-1);
    if (!page.hasMore || last === undefined) return { items, keysets, hasMore: false };
    if (items.length === request.limit) return { items, keysets, hasMore: true };
    next = { limit: pageLimits.max, after: last };
  }
  return { items, keysets, hasMore: items.length > 0 };
}
