import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Page } from '../../engines/graph-store/port.ts';
import type { PageRequest } from './connection.ts';
import { visiblePage } from './visible-page.ts';

/** A list of numbers from 0 on, as a store would page it. */
function listOf(length: number): (request: PageRequest) => Promise<Page<number>> {
  return async ({ limit, after }) => {
    const from = after === undefined ? 0 : Number(after.value) + 1;
    const items = Array.from({ length: Math.max(0, Math.min(limit, length - from)) }, (_, index) => from + index);
    return { items, keysets: items.map((value) => ({ value, id: '' })), hasMore: from + items.length < length };
  };
}

async function walk(
  length: number,
  limit: number,
  isVisible: (item: number) => boolean,
): Promise<{ seen: number[]; sizes: number[] }> {
  const seen: number[] = [];
  const sizes: number[] = [];
  let request: PageRequest = { limit };
  for (;;) {
    const page = await visiblePage(request, listOf(length), async (items) =>
      items.map((item) => (isVisible(item) ? item : null)),
    );
    seen.push(...page.items);
    sizes.push(page.items.length);
    const last = page.keysets.at(-1);
    if (!page.hasMore || last === undefined) return { seen, sizes };
    request = { limit, after: last };
  }
}

describe('visiblePage', () => {
  test('walking page by page gives every visible item once, in order, in full pages', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 300 }),
      fc.integer({ min: 1, max: 30 }),
      async (visible, limit) => {
        const { seen, sizes } = await walk(visible.length, limit, (item) => visible[item] === true);
        expect(seen).toEqual(visible.flatMap((isVisible, index) => (isVisible ? [index] : [])));
        expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test('a run of invisible items beyond all rounds ends the list instead of reading for ever', async () => {
    const { seen, sizes } = await walk(100_000, 10, (item) => item === 0 || item === 99_999);
    expect(seen).toEqual([0]);
    expect(sizes).toEqual([1, 0]);
  });
});
