import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WalkEngine, type WalkOptions } from './walk-engine.ts';

type Edge = readonly [from: number, to: number, weight: number];

const options: WalkOptions = { groups: 2, restart: 0.15, stepsMax: 24 };
const nodes = 12;
const edges: fc.Arbitrary<readonly Edge[]> = fc.array(
  fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1), fc.double({ min: 0.01, max: 10, noNaN: true })),
  { maxLength: 80 },
);

function seed(engine: WalkEngine, walks = 100): WalkEngine {
  for (const node of [0, 1]) engine.addSeed({ node, group: node, name: `seed ${node}`, walks });
  return engine;
}

function walked(list: readonly Edge[], walks?: number, shard?: WalkOptions['shard']): WalkEngine {
  const engine = seed(new WalkEngine({ ...options, ...(shard ? { shard } : {}) }), walks);
  for (const edge of list) engine.addEdge(...edge);
  return engine;
}

const allHits = (engine: WalkEngine): number[] =>
  Array.from({ length: nodes * options.groups }, (_, at) => engine.hits(at >> 1, at & 1));

describe('walks', () => {
  test('goal: kept while edges come, they are those that start when all edges are there', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const late = new WalkEngine(options);
        for (const edge of list) late.addEdge(...edge);
        seed(late);
        const kept = walked(list);
        expect(kept.stateHash()).toBe(late.stateHash());
        expect(allHits(kept)).toEqual(allHits(late));
      }),
    );
  });

  test('goal: what is taken away leaves the walks of a network that never had it', () => {
    fc.assert(
      fc.property(edges, edges, (list, passing) => {
        const others = passing.map(([from, to, weight]) => [from, nodes + to, weight] as const);
        const engine = walked([...list, ...others]);
        for (const [from, to, weight] of others) engine.removeEdge(from, to, 2 * weight);
        expect(engine.stateHash()).toBe(walked(list).stateHash());
      }),
    );
  });

  test('goal: seeds that rest leave the walks of a network in which they never were, and come back as they were', () => {
    const more = (engine: WalkEngine): void => engine.addSeed({ node: 2, group: 1, name: 'seed 2', walks: 50 });
    fc.assert(
      fc.property(edges, edges, edges, (early, during, after) => {
        const engine = seed(new WalkEngine(options));
        more(engine);
        for (const edge of early) engine.addEdge(...edge);
        engine.restSeed(2, 1);
        for (const edge of during) engine.addEdge(...edge);
        const never = walked([...early, ...during]);
        expect(engine.stateHash()).toBe(never.stateHash());
        expect(allHits(engine)).toEqual(allHits(never));
        expect([0, 1].map((group) => engine.walksOf(group))).toEqual([0, 1].map((group) => never.walksOf(group)));
        more(engine);
        more(never);
        for (const edge of after) for (const each of [engine, never]) each.addEdge(...edge);
        expect(engine.stateHash()).toBe(never.stateHash());
        expect(allHits(engine)).toEqual(allHits(never));
      }),
    );
  });

  test('goal: shards of the walks add up to the whole', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const shards = [0, 1, 2].map((index) => allHits(walked(list, 100, { index, of: 3 })));
        const sums = shards.reduce((sum, hits) => sum.map((each, at) => each + (hits[at] as number)));
        expect(sums).toEqual(allHits(walked(list)));
      }),
    );
  });

  test('goal: hits are the distinct walks that can be listed', () => {
    fc.assert(
      fc.property(edges, (list) => {
        const engine = walked(list);
        for (let node = 0; node < nodes; node++) {
          const listed = [0, 0];
          engine.forEachWalkTo(node, Infinity, (group, first, end) => {
            listed[group] = (listed[group] as number) + 1;
            expect(engine.nodeAt(first)).toBe(group);
            expect(end).toBeGreaterThan(first);
          });
          expect(listed).toEqual([engine.hits(node, 0), engine.hits(node, 1)]);
        }
      }),
    );
  });

  test('goal: edges are taken by weight, walks end by the restart, and a ring holds each of them once', () => {
    const walks = 100_000;
    const engine = walked(
      [
        [0, 2, 1],
        [0, 3, 3],
        [3, 4, 1],
        [4, 3, 1],
        [4, 5, 1],
        [0, 2, 2],
      ],
      walks,
    );
    const share = (node: number): number => engine.hits(node, 0) / walks;
    const within = 5 * Math.sqrt(0.25 / walks);
    expect(Math.abs(share(2) - 0.5)).toBeLessThan(within);
    expect(Math.abs(share(3) - 0.5)).toBeLessThan(within);
    expect(Math.abs(share(4) - 0.5 * 0.85)).toBeLessThan(within);
    // From 4 to 5 at once, or after going around through 3 and back.
    const once = 0.85 / 2 / (1 - 0.85 ** 2 / 2);
    expect(Math.abs(share(5) - 0.5 * 0.85 * once)).toBeLessThan(within);
  });

  test('goal: nobody’s walks pass another seed', () => {
    const engine = walked([
      [0, 1, 1],
      [1, 5, 1],
    ]);
    expect(engine.hits(1, 0)).toBe(100);
    expect(engine.hits(5, 0)).toBe(0);
    expect(engine.hits(5, 1)).toBe(100);
  });
});
