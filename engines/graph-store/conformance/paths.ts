import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EdgeType } from '../../../schema/graph/catalogue.ts';
import type { Recommendation } from '../port.ts';
import { type Subject, since } from './subject.ts';

/** An undirected edge between the n-th and the m-th of some nodes. */
type Pair = readonly [number, number, number];
const nodesMax = 12;
const pair = fc.tuple(fc.nat(nodesMax - 1), fc.nat(nodesMax - 1), fc.integer({ min: 1, max: 4 }));

async function collaborators(subject: Subject, pairs: readonly Pair[]): Promise<string[]> {
  const ids = await subject.creators(nodesMax);
  await subject.store.transact(async (tx) => {
    for (const [from, to, weight] of pairs) {
      await tx.link({
        type: 'COLLABORATES_WITH',
        from: ids[from] as string,
        to: ids[to] as string,
        props: { since: since(0), weight },
      });
    }
  });
  return ids;
}

/** Each pair once, from the smaller to the larger, as such edges are stored. */
function distinct(pairs: readonly Pair[]): Pair[] {
  const ordered = pairs
    .filter(([a, b]) => a !== b)
    .map(([a, b, weight]): Pair => [Math.min(a, b), Math.max(a, b), weight]);
  return [...new Map(ordered.map((each) => [`${each[0]}-${each[1]}`, each])).values()];
}

function distances(pairs: readonly Pair[], from: number): Map<number, number> {
  const found = new Map([[from, 0]]);
  for (const [node, distance] of found) {
    for (const [a, b] of pairs) {
      const next = a === node ? b : b === node ? a : node;
      if (!found.has(next)) found.set(next, distance + 1);
    }
  }
  return found;
}

/** Recommendations as their definition says. */
function bestOf(pairs: readonly Pair[], ids: readonly string[], who: number): Recommendation[] {
  const weightOf = (a: number, b: number): number =>
    pairs.find(([x, y]) => (x === a && y === b) || (x === b && y === a))?.[2] ?? 0;
  const all = ids.map((_, n) => n);
  const candidates = all.filter((n) => n !== who && weightOf(who, n) === 0);
  return candidates
    .map((candidate) => {
      const shares = all
        .map((n) => ({ id: ids[n] as string, share: weightOf(who, n) * weightOf(n, candidate) }))
        .filter(({ share }) => share > 0);
      const via = shares.sort((a, b) => b.share - a.share || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
      return { id: ids[candidate] as string, score: shares.reduce((sum, { share }) => sum + share, 0), via };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/** Questions that look further than one edge. */
export function paths(subject: Subject): void {
  const search = (
    from: string,
    to: string,
    maxDepth: number,
    edges: readonly EdgeType[] = ['COLLABORATES_WITH'],
  ): Promise<readonly string[] | null> => subject.store.shortestPath({ edges, from, to, maxDepth });

  test('goal: a path over a ring with a tail, up to its depth, over several types, and none where there is none', async () => {
    const ids = await collaborators(subject, [
      [0, 1, 1],
      [1, 2, 1],
      [2, 3, 1],
      [3, 4, 1],
      [0, 4, 1],
      [4, 5, 1],
    ]);
    const [a, b, c, , , f, g] = ids as [string, string, string, string, string, string, string];
    expect(await search(a, a, 0)).toEqual([a]);
    expect(await search(a, b, 1)).toEqual([a, b]);
    expect(await search(b, f, 3)).toEqual([b, a, ids[4], f]);
    expect(await search(b, f, 2)).toBeNull();
    expect(await search(f, b, 3)).toEqual([f, ids[4], a, b]);
    expect(await search(a, g, 6)).toBeNull();
    expect(await search('nobody', a, 6)).toBeNull();
    await subject.store.transact((tx) => tx.link({ type: 'FOLLOWS', from: g, to: c, props: { since: since(0) } }));
    expect(await search(a, g, 6)).toBeNull();
    expect(await search(a, g, 6, ['COLLABORATES_WITH', 'FOLLOWS'])).toEqual([a, b, c, g]);
  });

  test('goal: on any graph the path is as short as can be, joined up, and absent exactly beyond its depth', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 20 }), fc.integer({ min: 1, max: 6 }), async (given, maxDepth) => {
        const pairs = distinct(given);
        const ids = await collaborators(subject, pairs);
        for (const [from, to] of [
          [0, 1],
          [2, 3],
          [4, 0],
        ] as const) {
          const path = await search(ids[from] as string, ids[to] as string, maxDepth);
          const distance = distances(pairs, from).get(to) ?? Infinity;
          expect(path === null ? null : path.length - 1).toBe(distance <= maxDepth ? distance : null);
          const places = (path ?? []).map((id) => ids.indexOf(id));
          for (const [n, place] of places.slice(1).entries()) {
            expect(
              pairs.some(
                ([a, b]) => Math.min(place, places[n] as number) === a && Math.max(place, places[n] as number) === b,
              ),
            ).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('goal: recommendations are those of their definition: weights multiply along a path and add up over paths', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), async (given, limit) => {
        const pairs = distinct(given);
        const ids = await collaborators(subject, pairs);
        const query = { edge: 'COLLABORATES_WITH', exclude: [], id: ids[0] as string, limit } as const;
        expect(await subject.store.recommend({ ...query, weight: 'weight' })).toEqual(
          bestOf(pairs, ids, 0).slice(0, limit),
        );
        const unweighted = pairs.map(([a, b]): Pair => [a, b, 1]);
        expect(await subject.store.recommend(query)).toEqual(bestOf(unweighted, ids, 0).slice(0, limit));
      }),
      { numRuns: 30 },
    );
  });

  test('goal: who is linked already, either way, over an excluded type is not recommended', async () => {
    const ids = await collaborators(subject, [
      [0, 1, 1],
      [1, 2, 1],
      [1, 3, 1],
      [1, 4, 1],
    ]);
    const [me, , c, d, e] = ids as [string, string, string, string, string];
    await subject.store.transact(async (tx) => {
      await tx.link({ type: 'BLOCKS', from: d, to: me, props: { since: since(0) } });
      await tx.link({ type: 'BLOCKS', from: me, to: c, props: { since: since(0) } });
    });
    const recommended = await subject.store.recommend({
      edge: 'COLLABORATES_WITH',
      exclude: ['BLOCKS', 'FOLLOWS'],
      id: me,
      limit: 9,
    });
    expect(recommended).toEqual([{ id: e, score: 1, via: [ids[1]] }]);
    expect(await subject.store.recommend({ edge: 'COLLABORATES_WITH', exclude: [], id: 'nobody', limit: 9 })).toEqual(
      [],
    );
  });
}
