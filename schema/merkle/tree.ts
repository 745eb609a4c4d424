import { EMPTY_ROOT, nodeHash } from './hash.ts';

/** A node of the tree: the root of the perfect subtree over the leaves from `index * 2^level` on, `2^level` of them. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Gives the hash of a perfect subtree. */
export type NodeSource = (node: NodeId) => Uint8Array;

/** Leaves of one log, at most: whatever counts them stays a safe integer. */
export const treeSizeMax = 2 ** 40;

/** The largest power of two that is smaller than `count` (from 2 on): where RFC 6962 splits a tree. */
export function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}

/** The hash over the leaves from `begin` up to `end`, as a tree of their own (RFC 6962's MTH); `begin` is where such a tree may begin. */
export function rangeHash(begin: number, end: number, node: NodeSource): Uint8Array {
  const count = end - begin;
  if (count === 0) return EMPTY_ROOT;
  const level = Math.log2(count);
  if (Number.isInteger(level) && begin % count === 0) return node({ level, index: begin / count });
  const middle = begin + splitOf(count);
  return nodeHash(rangeHash(begin, middle, node), rangeHash(middle, end, node));
}

/** The perfect subtrees, largest first, whose leaves are the first `size`. */
function rangeNodes(size: number): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let begin = 0;
  for (let level = 40; level >= 0; level -= 1) {
    const width = 2 ** level;
    if (size - begin < width) continue;
    nodes.push({ level, index: begin / width });
    begin += width;
  }
  return nodes;
}

/**
 * The right edge of a growing tree: one hash per perfect subtree, 40 at most, which is all that appending needs
 * ("compact range" of Trillian and Tessera).
 */
export class CompactRange {
  #size = 0;
  readonly #edge: Uint8Array[] = [];

  /** The range of a tree that is there already. */
  static restore(size: number, node: NodeSource): CompactRange {
    const range = new CompactRange();
    range.#size = size;
    for (const each of rangeNodes(size)) range.#edge.push(node(each));
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes one leaf's hash. */
  push(leaf: Uint8Array): void {
    if (this.#size >= treeSizeMax) throw new RangeError(`a tree has at most ${treeSizeMax} leaves`);
    let hash = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = nodeHash(this.#edge.pop() as Uint8Array, hash);
    }
    this.#edge.push(hash);
    this.#size += 1;
  }

  /** The tree's root at this size. */
  root(): Uint8Array {
    let root = this.#edge.at(-1) ?? EMPTY_ROOT;
    for (let at = this.#edge.length - 2; at >= 0; at -= 1) root = nodeHash(this.#edge[at] as Uint8Array, root);
    return root;
  }
}
