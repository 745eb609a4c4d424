import { expect, test } from '@jest/globals';
import { type FindNeighbours, MissingNodeError } from '../port.ts';
import { type Subject, artifact, since } from './subject.ts';

/** Edges from both their ends. */
export function edges(subject: Subject): void {
  test('goal: an edge is made once, overwritten in place and removed once', async () => {
    const [from, to] = (await subject.creators(2)) as [string, string];
    const link = (weight: number): Promise<boolean> =>
      subject.store.transact((tx) =>
        tx.link({ type: 'COLLABORATES_WITH', from, to, props: { since: since(0), weight } }),
      );
    expect([await link(1), await link(3)]).toEqual([true, false]);
    const edge = { type: 'COLLABORATES_WITH', from, to, key: '', props: { since: since(0), weight: 3 } };
    await subject.reopen();
    expect(
      await subject.store.edges('COLLABORATES_WITH', [
        { from: to, to: from },
        { from, to },
      ]),
    ).toEqual([null, edge]);
    const [page] = await subject.store.neighbours({
      edge: 'COLLABORATES_WITH',
      direction: 'in',
      ids: [to],
      orderBy: 'weight',
      order: 'asc',
      limit: 9,
    });
    expect(page?.items).toEqual([{ id: from, edge }]);
    const unlink = (): Promise<boolean> =>
      subject.store.transact((tx) => tx.unlink({ type: 'COLLABORATES_WITH', from, to }));
    expect([await unlink(), await unlink()]).toEqual([true, false]);
    expect(await subject.store.degrees('COLLABORATES_WITH', 'both', [from, to])).toEqual([0, 0]);
  });

  test('goal: an edge joins two nodes that exist, of the types that the catalogue says', async () => {
    const [a] = (await subject.creators(1)) as [string];
    const work = subject.name('work');
    await subject.put('Artifact', work, artifact());
    const link = (from: string, to: string): Promise<boolean> =>
      subject.store.transact((tx) => tx.link({ type: 'FOLLOWS', from, to, props: { since: since(0) } }));
    await expect(link(a, 'nobody')).rejects.toThrow(MissingNodeError);
    await expect(link('nobody', a)).rejects.toThrow(MissingNodeError);
    await expect(link(a, work)).rejects.toThrow(MissingNodeError);
    await expect(link(a, a)).rejects.toThrow(RangeError);
    expect(await subject.store.degrees('FOLLOWS', 'both', [a, work, 'nobody'])).toEqual([0, 0, 0]);
  });

  test('goal: parallel edges are told apart by their keys, and each counts', async () => {
    const [from, to] = (await subject.creators(2)) as [string, string];
    const keys = ['', 'SKILL:b', 'SKILL:a'];
    await subject.store.transact(async (tx) => {
      for (const key of keys)
        await tx.link({ type: 'ENDORSES', from, to, key, props: { since: since(0), weight: 1, note: key } });
    });
    const found = await subject.store.edges(
      'ENDORSES',
      keys.map((key) => ({ from, to, key })),
    );
    expect(found.map((edge) => edge?.props.note)).toEqual(keys);
    for (const order of ['asc', 'desc'] as const) {
      const query: FindNeighbours<'ENDORSES'> = {
        edge: 'ENDORSES',
        direction: 'in',
        ids: [to],
        orderBy: 'since',
        order,
        limit: 1,
      };
      const items = await subject.walkNeighbours(query);
      const sorted = order === 'asc' ? keys.toSorted() : keys.toSorted().reverse();
      expect(items.map(({ edge }) => edge.key)).toEqual(sorted);
    }
    expect(await subject.store.degrees('ENDORSES', 'in', [from, to])).toEqual([0, 3]);
    await subject.store.transact((tx) => tx.unlink({ type: 'ENDORSES', from, to, key: 'SKILL:a' }));
    expect(await subject.store.degrees('ENDORSES', 'out', [from, to])).toEqual([2, 0]);
  });

  test('goal: neighbours of many, each in each direction, in order, ties by id, filtered and paged', async () => {
    const ids = await subject.creators(6);
    const [a, b, c, d, e, alone] = ids as [string, string, string, string, string, string];
    const links: [string, string, number, number][] = [
      [a, b, 3, 1],
      [a, c, 1, 2],
      [a, d, 1, 2],
      [b, a, 2, 2],
      [e, a, 5, 1],
    ];
    await subject.store.transact(async (tx) => {
      for (const [from, to, at, weight] of links)
        await tx.link({ type: 'ENDORSES', from, to, props: { since: since(at), weight, note: '' } });
    });
    const base: FindNeighbours<'ENDORSES'> = {
      edge: 'ENDORSES',
      direction: 'out',
      ids: [a, alone, b],
      orderBy: 'since',
      order: 'asc',
      limit: 10,
    };
    const cases: [Partial<FindNeighbours<'ENDORSES'>>, string[][]][] = [
      [{}, [[c, d, b], [], [a]]],
      [{ order: 'desc' }, [[b, d, c], [], [a]]],
      [{ direction: 'in' }, [[b, e], [], [a]]],
      [{ direction: 'both' }, [[c, d, b, b, e], [], [a, a]]],
      [{ direction: 'both', orderBy: 'weight', order: 'desc' }, [[d, c, b, e, b], [], [a, a]]],
      [{ direction: 'both', where: { weight: 2 } }, [[c, d, b], [], [a]]],
      [{ where: { weight: 2, since: since(3) } }, [[], [], []]],
      [{ limit: 1 }, [[c], [], [a]]],
    ];
    for (const [given, expected] of cases) {
      const pages = await subject.store.neighbours({ ...base, ...given });
      expect(pages.map((page) => page.items.map(({ id }) => id))).toEqual(expected);
    }
    for (const limit of [1, 2, 3]) {
      for (const order of ['asc', 'desc'] as const) {
        const query: FindNeighbours<'ENDORSES'> = { ...base, ids: [a], direction: 'both', order, limit };
        const names = (await subject.walkNeighbours(query)).map(({ id }) => id);
        expect(names).toEqual(order === 'asc' ? [c, d, b, b, e] : [e, b, b, d, c]);
      }
    }
    expect(await subject.store.degrees('ENDORSES', 'both', [a, alone, b])).toEqual([5, 0, 2]);
    await expect(subject.store.neighbours({ ...base, orderBy: 'note' })).rejects.toThrow(/ENDORSES\.note/);
  });

  test('goal: a page after a foreign position is a page, not a failure', async () => {
    const [a, b] = (await subject.creators(2)) as [string, string];
    await subject.store.transact((tx) => tx.link({ type: 'FOLLOWS', from: a, to: b, props: { since: since(1) } }));
    for (const value of ['', 'zzz', 0, -1.5, since(0)]) {
      for (const id of ['', 'x', 'a\0b\0c\0d']) {
        const query = {
          edge: 'FOLLOWS',
          direction: 'both',
          ids: [a],
          orderBy: 'since',
          order: 'asc',
          limit: 5,
        } as const;
        const [page] = await subject.store.neighbours({ ...query, after: { value, id } });
        expect(page?.items.length).toBeLessThanOrEqual(1);
      }
    }
  });

  test('goal: a node with 10,000 edges is walked without skip or repeat, while its edges change', async () => {
    const [hub] = (await subject.creators(1)) as [string];
    const others = await subject.creators(10_000);
    await subject.store.transact(async (tx) => {
      for (const [n, id] of others.entries())
        await tx.link({ type: 'FOLLOWS', from: id, to: hub, props: { since: since(n % 100) } });
    });
    expect(await subject.store.degrees('FOLLOWS', 'in', [hub])).toEqual([10_000]);
    const query: FindNeighbours<'FOLLOWS'> = {
      edge: 'FOLLOWS',
      direction: 'in',
      ids: [hub],
      orderBy: 'since',
      order: 'desc',
      limit: 1_000,
    };
    const items = await subject.walkNeighbours(query, async (page) => {
      const [latecomer] = (await subject.creators(1)) as [string];
      await subject.store.transact(async (tx) => {
        await tx.link({ type: 'FOLLOWS', from: latecomer, to: hub, props: { since: since(1_000) } });
        await tx.unlink({ type: 'FOLLOWS', from: page.items[0]?.id as string, to: hub });
      });
    });
    expect(items.map(({ id }) => id).sort()).toEqual(others.toSorted());
  });
}
