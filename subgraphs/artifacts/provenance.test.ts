import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Walk, walkProvenance } from './provenance.ts';

type Graph = ReadonlyMap<string, readonly string[]>;

const graphs = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 11 })), { maxLength: 40 })
  .map((links): Graph => {
    const graph = new Map<string, string[]>();
    for (const [from, to] of links)
      graph.set(String(from), [...new Set([...(graph.get(String(from)) ?? []), String(to)])]);
    return graph;
  });

function walk(
  graph: Graph,
  options: { maxDepth: number; stepsMax?: number; hidden?: ReadonlySet<string> },
): Promise<Walk> {
  return walkProvenance({
    start: ['0'],
    maxDepth: options.maxDepth,
    stepsMax: options.stepsMax ?? 1_000,
    neighbours: async (ids) =>
      ids.map((id) => ({
        links: (graph.get(id) ?? []).map((to) => ({ id: to, link: { from: id, to, since: '' } })),
        hasMore: false,
      })),
    visible: async (ids) => new Set(ids.filter((id) => options.hidden?.has(id) !== true)),
  });
}

/** Distance from the start over nodes that are not hidden, by relaxing every link until nothing changes. */
function distances(graph: Graph, hidden: ReadonlySet<string>): Map<string, number> {
  const known = new Map([['0', 0]]);
  for (let round = 0; round < 12; round++) {
    for (const [from, tos] of graph) {
      const base = known.get(from);
      if (base === undefined) continue;
      for (const to of tos) if (!hidden.has(to)) known.set(to, Math.min(known.get(to) ?? Infinity, base + 1));
    }
  }
  known.delete('0');
  return known;
}

describe('walking derivations', () => {
  test('every visible work within reach once, by its shortest way, cycles or not', async () => {
    const property = fc.asyncProperty(
      graphs,
      fc.integer({ min: 1, max: 6 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 11 })),
      async (graph, maxDepth, hiddenIds) => {
        const hidden = new Set(hiddenIds.map(String));
        const { steps } = await walk(graph, { maxDepth, hidden });
        const expected = [...distances(graph, hidden)].filter(([, depth]) => depth <= maxDepth);
        expect(steps.map((step) => [step.artifactId, step.depth]).sort()).toEqual(expected.sort());
        expect(steps.every((step, index) => index === 0 || step.depth >= (steps[index - 1]?.depth ?? 0))).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });

  test('a limit of steps is kept, and told', async () => {
    const wide: Graph = new Map([['0', ['1', '2', '3']]]);
    expect(await walk(wide, { maxDepth: 5, stepsMax: 2 })).toMatchObject({ isTruncated: true, steps: { length: 2 } });
    expect(await walk(wide, { maxDepth: 5, stepsMax: 3 })).toMatchObject({ isTruncated: false, steps: { length: 3 } });
  });
});
