import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_ROOT, leafHash, nodeHash } from './hash.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proof.ts';
import { type Tile, appendToTiles, nodesOfTiles, tileWidth } from './tiles.ts';
import { CompactRange, type NodeSource, rangeHash } from './tree.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** The published vectors of Certificate Transparency, as transparency-dev/merkle (Apache-2.0) has them. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const inclusions: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];
const consistencies: readonly (readonly [from: number, to: number, path: readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];

/** Every node of the tree over some leaves, computed the plain way. */
function plainTree(hashes: readonly Uint8Array[]): NodeSource {
  const levels: Uint8Array[][] = [[...hashes]];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    const level: Uint8Array[] = [];
    for (let at = 0; at + 1 < below.length; at += 2)
      level.push(nodeHash(below[at] as Uint8Array, below[at + 1] as Uint8Array));
    levels.push(level);
  }
  return ({ level, index }) => levels[level]?.[index] as Uint8Array;
}

const leavesMax = 512;
const many = Array.from({ length: leavesMax }, (_, n) => leafHash(Buffer.from(`leaf ${n}`)));
const tree = plainTree(many);
const rootOf = (size: number): Uint8Array => rangeHash(0, size, tree);

describe('published vectors of RFC 6962', () => {
  const hashes = leaves.map((leaf) => leafHash(hex(leaf)));
  const root = (size: number): Buffer => hex(roots[size - 1] ?? '');

  test('roots, of the whole and of a growing tree', () => {
    const range = new CompactRange();
    expect(Buffer.from(range.root())).toEqual(EMPTY_ROOT);
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [n, leaf] of hashes.entries()) {
      range.push(leaf);
      expect(Buffer.from(range.root()).toString('hex')).toBe(roots[n]);
      expect(Buffer.from(rangeHash(0, n + 1, plainTree(hashes))).toString('hex')).toBe(roots[n]);
    }
  });

  test('inclusion proofs, made and verified; corrupted ones are refused', () => {
    for (const [index, size, path] of inclusions) {
      const made = inclusionProof(index, size, plainTree(hashes));
      expect(made.map((each) => Buffer.from(each).toString('hex'))).toEqual(path);
      const leaf = hashes[index] as Buffer;
      expect(verifyInclusion({ index, size }, leaf, made, root(size))).toBe(true);
      for (const wrong of corruptInclusions({ index, size, leaf, path: made, root: root(size) }))
        expect(verifyInclusion(wrong, wrong.leaf, wrong.path, wrong.root)).toBe(false);
    }
  });

  test('consistency proofs, made and verified; corrupted ones are refused', () => {
    for (const [from, to, path] of consistencies) {
      const made = consistencyProof(from, to, plainTree(hashes));
      expect(made.map((each) => Buffer.from(each).toString('hex'))).toEqual(path);
      const proof = { from, to, path: made, older: root(from), newer: root(to) };
      expect(verifies(proof)).toBe(true);
      if (made.length > 0) for (const wrong of corruptConsistencies(proof)) expect(verifies(wrong)).toBe(false);
    }
  });

  test('edge cases of sizes', () => {
    const some = leafHash(hex('00'));
    const verify = (from: number, to: number, a: Uint8Array, b: Uint8Array, path: Uint8Array[] = []): boolean =>
      verifyConsistency({ size: from, root: a }, { size: to, root: b }, path);
    expect(verify(0, 0, EMPTY_ROOT, EMPTY_ROOT)).toBe(true);
    expect(verify(0, 1, EMPTY_ROOT, some)).toBe(true);
    expect(verify(0, 1, some, some)).toBe(false);
    expect(verify(1, 1, some, some)).toBe(true);
    expect(verify(1, 1, some, some, [some])).toBe(false);
    expect(verify(2, 1, some, some)).toBe(false);
    expect(verify(1, 2, some, some)).toBe(false);
    expect(verifyInclusion({ index: 0, size: 0 }, some, [], EMPTY_ROOT)).toBe(false);
    expect(verifyInclusion({ index: 1, size: 1 }, some, [], some)).toBe(false);
  });
});

interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

function corruptPaths(path: readonly Uint8Array[], root: Uint8Array): readonly (readonly Uint8Array[])[] {
  const garbage = new Uint8Array(0);
  const flipped = path.map((hash, n) =>
    path.with(
      n,
      Buffer.from(hash).map((byte, at) => (at === 0 ? byte ^ 8 : byte)),
    ),
  );
  const shorter = path.length > 0 ? [path.slice(0, -1), path.slice(1)] : [];
  return [[...path, garbage], [...path, root], [garbage, ...path], [root, ...path], ...flipped, ...shorter];
}

/** The corruptions of transparency-dev/merkle's own test. */
function corruptInclusions(proof: Inclusion): readonly Inclusion[] {
  const { index, size, leaf, path, root } = proof;
  return [
    { ...proof, index: index - 1 },
    { ...proof, index: index + 1 },
    { ...proof, index: index ^ 2 },
    { ...proof, size: size * 2 },
    { ...proof, size: Math.floor(size / 2) },
    { ...proof, leaf: Buffer.from('WrongLeaf') },
    { ...proof, root: EMPTY_ROOT },
    { ...proof, root: leafHash(leaf) },
    ...corruptPaths(path, root).map((wrong) => ({ ...proof, path: wrong })),
  ];
}

interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly path: readonly Uint8Array[];
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
}

function verifies({ from, to, path, older, newer }: Consistency): boolean {
  return verifyConsistency({ size: from, root: older }, { size: to, root: newer }, path);
}

function corruptConsistencies(proof: Consistency): readonly Consistency[] {
  const { from, to, path, older, newer } = proof;
  return [
    { ...proof, from: from - 1 },
    { ...proof, from: from + 1 },
    { ...proof, from: from ^ 2 },
    { ...proof, to: to * 2 },
    { ...proof, to: Math.floor(to / 2) },
    { ...proof, older: EMPTY_ROOT },
    { ...proof, newer: EMPTY_ROOT },
    { ...proof, older: newer, newer: older },
    { ...proof, path: [] },
    ...corruptPaths(path, newer).map((wrong) => ({ ...proof, path: wrong })),
  ];
}

describe('the tree', () => {
  test('goal: root(m) is provably a prefix of root(n), all pairs to 512', () => {
    const rootsOf = Array.from({ length: leavesMax + 1 }, (_, size) => rootOf(size));
    let pairs = 0;
    for (let to = 0; to <= leavesMax; to += 1) {
      for (let from = 0; from <= to; from += 1) {
        const path = consistencyProof(from, to, tree);
        const heads = [
          { size: from, root: rootsOf[from] as Uint8Array },
          { size: to, root: rootsOf[to] as Uint8Array },
        ] as const;
        if (!verifyConsistency(...heads, path)) throw new Error(`${from} is not proved to be a prefix of ${to}`);
        // Another root instead: one pair in eight, to save time.
        const other = many[from % leavesMax] as Uint8Array;
        if (from > 1 && (from + to) % 8 === 0 && verifyConsistency({ size: from, root: other }, heads[1], path))
          throw new Error(`another root of ${from} passes for ${to}`);
        pairs += 1;
      }
    }
    expect(pairs).toBe(((leavesMax + 1) * (leavesMax + 2)) / 2);
  });

  test('goal: every leaf of every size is proved, and no other leaf in its place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: leavesMax }), fc.nat(), fc.nat(), (size, a, b) => {
        const [index, other] = [a % size, b % size];
        const path = inclusionProof(index, size, tree);
        expect(verifyInclusion({ index, size }, many[index] as Buffer, path, rootOf(size))).toBe(true);
        if (other === index) return;
        expect(verifyInclusion({ index, size }, many[other] as Buffer, path, rootOf(size))).toBe(false);
        expect(verifyInclusion({ index: other, size }, many[index] as Buffer, path, rootOf(size))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('goal: corrupted proofs of any size are refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: leavesMax }), fc.nat(), (size, n) => {
        const index = n % size;
        const proof = {
          index,
          size,
          leaf: many[index] as Buffer,
          path: inclusionProof(index, size, tree),
          root: rootOf(size),
        };
        for (const wrong of corruptInclusions(proof))
          expect(verifyInclusion(wrong, wrong.leaf, wrong.path, wrong.root)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('tiles', () => {
  /** Appends in batches and keeps tiles as a store would. */
  function tiled(batches: readonly number[]): { size: number; tiles: Map<string, Tile>; range: CompactRange } {
    const tiles = new Map<string, Tile>();
    const range = new CompactRange();
    for (const batch of batches) {
      const added = Array.from({ length: batch }, (_, n) => leafHash(Buffer.from(`leaf ${range.size + n}`)));
      const edge = (level: number): Tile | undefined =>
        tiles.get(`${level}/${Math.floor(range.size / tileWidth ** (level + 1))}`);
      for (const { level, index, tile } of appendToTiles(range.size, added, edge)) tiles.set(`${level}/${index}`, tile);
      for (const leaf of added) range.push(leaf);
    }
    return { size: range.size, tiles, range };
  }

  test('goal: however appended, tiles give the root, the proofs and the right edge of the tree', () => {
    const batches = fc.array(fc.oneof(fc.nat(5), fc.nat(300), fc.constant(256)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(batches, fc.nat(), fc.nat(), (sizes, a, b) => {
        const { size, tiles, range } = tiled(sizes);
        fc.pre(size > 0);
        const node = nodesOfTiles(({ level, index }) => tiles.get(`${level}/${index}`) as Tile);
        const root = Buffer.from(range.root());
        expect(Buffer.from(rangeHash(0, size, node))).toEqual(root);
        expect(Buffer.from(CompactRange.restore(size, node).root())).toEqual(root);
        const [index, from] = [a % size, b % (size + 1)];
        const leaf = leafHash(Buffer.from(`leaf ${index}`));
        expect(verifyInclusion({ index, size }, leaf, inclusionProof(index, size, node), root)).toBe(true);
        const older = { size: from, root: rangeHash(0, from, node) };
        expect(verifyConsistency(older, { size, root }, consistencyProof(from, size, node))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a tree of more than 65,536 leaves fills tiles of three levels', () => {
    const { size, tiles, range } = tiled([65_000, 1_000, 200]);
    expect([...tiles.keys()].filter((name) => name.startsWith('2/'))).toEqual(['2/0']);
    const node = nodesOfTiles(({ level, index }) => tiles.get(`${level}/${index}`) as Tile);
    expect(Buffer.from(rangeHash(0, size, node))).toEqual(Buffer.from(range.root()));
  });
});
