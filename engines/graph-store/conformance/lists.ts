import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FindNodes, Order } from '../port.ts';
import { type Subject, artifact, creator, post, since, walk } from './subject.ts';

/** Lists of nodes by indexed properties. */
export function lists(subject: Subject): void {
  test('goal: a list has its order, ties by id, and pages join without a seam', async () => {
    const spaceId = subject.name('space');
    const given = [5, 1, 3, 1, 2, 5, 1].map((n) => ({ id: subject.name('post'), postedAt: since(n) }));
    for (const { id, postedAt } of given) await subject.put('Post', id, post(spaceId, postedAt));
    const ascending = given
      .toSorted((a, b) => (`${a.postedAt}${a.id}` < `${b.postedAt}${b.id}` ? -1 : 1))
      .map(({ id }) => id);
    for (const [order, expected] of [
      ['asc', ascending],
      ['desc', ascending.toReversed()],
    ] as [Order, string[]][]) {
      for (const limit of [1, 2, 3, 7, 100]) {
        const query: FindNodes<'Post'> = { type: 'Post', where: { spaceId }, orderBy: 'postedAt', order, limit };
        const nodes = await walk((after) => subject.store.find({ ...query, ...(after && { after }) }));
        expect(nodes.map(({ id }) => id)).toEqual(expected);
      }
    }
    const none = await subject.store.find({
      type: 'Post',
      where: { spaceId },
      orderBy: 'postedAt',
      order: 'asc',
      limit: 0,
    });
    expect(none).toEqual({ items: [], keysets: [], hasMore: true });
  });

  test('goal: filters combine, on single values and on lists, and count alike', async () => {
    const tag = subject.name('tag');
    const works = [
      { id: subject.name('work'), props: artifact({ tags: [tag, 'x', tag], kind: 'CODE', publishedAt: since(1) }) },
      { id: subject.name('work'), props: artifact({ tags: ['y', tag], kind: 'CODE', visibility: 'PRIVATE' }) },
      { id: subject.name('work'), props: artifact({ tags: [tag], kind: 'DATA', publishedAt: since(2) }) },
      { id: subject.name('work'), props: artifact({ tags: ['x'], kind: 'CODE' }) },
    ];
    for (const { id, props } of works) await subject.put('Artifact', id, props);
    const [a, b, c] = works.map(({ id }) => id);
    const cases: [FindNodes<'Artifact'>['where'] & object, (string | undefined)[]][] = [
      [{ tags: tag }, [b, a, c]],
      [{ tags: tag, kind: 'CODE' }, [b, a]],
      [{ tags: tag, kind: 'CODE', visibility: 'PUBLIC' }, [a]],
      [{ tags: tag, publishedAt: since(2) }, [c]],
      [{ tags: tag, kind: 'META' }, []],
    ];
    for (const [where, expected] of cases) {
      const page = await subject.store.find({
        type: 'Artifact',
        where,
        orderBy: 'publishedAt',
        order: 'asc',
        limit: 10,
      });
      expect(page.items.map(({ id }) => id)).toEqual(expected);
      expect(await subject.store.count('Artifact', where)).toBe(expected.length);
    }
    const before = await subject.store.count('Artifact');
    await subject.store.transact((tx) => tx.remove('Artifact', a as string));
    expect(await subject.store.count('Artifact')).toBe(before - 1);
  });

  test('goal: numbers sort as numbers', async () => {
    const artifactId = subject.name('work');
    for (const revision of [10, 9, 2, 100]) {
      const props = { artifactId, revision, contentHash: '', note: '', revisedBy: '', revisedAt: since(0) };
      await subject.put('ArtifactRevision', `${artifactId}-${revision}`, props);
    }
    const page = await subject.store.find({
      type: 'ArtifactRevision',
      where: { artifactId },
      orderBy: 'revision',
      order: 'desc',
      limit: 9,
    });
    expect(page.items.map(({ props }) => props.revision)).toEqual([100, 10, 9, 2]);
  });

  test('goal: a node moves in its lists when its properties change', async () => {
    const [one, two] = [subject.name('skill'), subject.name('skill')];
    const [id] = (await subject.creators(1, [one])) as [string];
    await subject.store.transact((tx) => tx.patch('Creator', id, { skills: [two], registeredAt: since(7) }));
    expect(await subject.store.count('Creator', { skills: one })).toBe(0);
    const page = await subject.store.find({
      type: 'Creator',
      where: { skills: two },
      orderBy: 'registeredAt',
      order: 'asc',
      limit: 1,
    });
    expect(page.items.map((node) => node.id)).toEqual([id]);
    expect(page.hasMore).toBe(false);
  });

  test('goal: what the catalogue does not index, and limits that are none, are refused by name', async () => {
    const query = { type: 'Creator', orderBy: 'usernameKey', order: 'asc', limit: 1 } as const;
    await expect(subject.store.find({ ...query, orderBy: 'bio' })).rejects.toThrow(/Creator\.bio/);
    await expect(subject.store.find({ ...query, where: { displayName: 'x' } })).rejects.toThrow(/Creator\.displayName/);
    await expect(subject.store.count('SubjectKey', { keyId: 'x' })).rejects.toThrow(/SubjectKey\.keyId/);
    await expect(subject.store.find({ ...query, limit: -1 })).rejects.toThrow(/limit/);
  });

  test('goal: under writes, a walk shows what was there all along exactly once', async () => {
    const write = fc.record({
      page: fc.nat(4),
      kind: fc.constantFrom('add', 'remove', 'move'),
      at: fc.nat(20),
      which: fc.nat(30),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (writes, limit) => {
        const skill = subject.name('skill');
        const ids = await subject.creators(12, [skill]);
        const steady = new Set(ids);
        let pages = 0;
        const seen = await walk(async (after) => {
          for (const { kind, at, which } of writes.filter(({ page }) => page === pages)) {
            const id = kind === 'add' ? subject.name('late') : (ids[which % ids.length] as string);
            steady.delete(id);
            if (kind === 'remove') await subject.store.transact((tx) => tx.remove('Creator', id));
            else await subject.put('Creator', id, creator(id, { skills: [skill], registeredAt: since(at) }));
          }
          pages += 1;
          const query = {
            type: 'Creator',
            where: { skills: skill },
            orderBy: 'registeredAt',
            order: 'asc',
            limit,
          } as const;
          return subject.store.find({ ...query, ...(after && { after }) });
        });
        const counts = new Map<string, number>();
        for (const { id } of seen) counts.set(id, (counts.get(id) ?? 0) + 1);
        for (const id of steady) expect([id, counts.get(id)]).toEqual([id, 1]);
      }),
      { numRuns: 25 },
    );
  });
}
