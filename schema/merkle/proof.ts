import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.ts';
import { type NodeSource, rangeHash, splitOf } from './tree.ts';

/** The audit path of a leaf in the tree of the first `size` leaves, lowest first (RFC 6962, 2.1.1). */
export function inclusionProof(index: number, size: number, node: NodeSource): readonly Uint8Array[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      path.push(rangeHash(middle, end, node));
      end = middle;
    } else {
      path.push(rangeHash(begin, middle, node));
      begin = middle;
    }
  }
  return path.reverse();
}

/** Shows that the first `from` leaves of the tree of `to` are those of the tree of `from` (RFC 6962, 2.1.2). */
export function consistencyProof(from: number, to: number, node: NodeSource): readonly Uint8Array[] {
  if (!(from >= 0 && from <= to)) throw new RangeError(`a tree of ${to} has no past of ${from}`);
  if (from === 0 || from === to) return [];
  const path: Uint8Array[] = [];
  let [begin, end] = [0, to];
  // As long as the old tree's edge lies within, its right end is the node that both trees share.
  while (end !== from) {
    const middle = begin + splitOf(end - begin);
    if (from <= middle) {
      path.push(rangeHash(middle, end, node));
      end = middle;
    } else {
      path.push(rangeHash(begin, middle, node));
      begin = middle;
    }
  }
  if (begin > 0) path.push(rangeHash(begin, end, node));
  return path.reverse();
}

const isHash = (bytes: Uint8Array): boolean => bytes.length === HASH_BYTES;
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The root that a leaf and its audit path lead to; null where the path has not the length that index and size ask for (RFC 9162, 2.1.3.2). */
function rootOfInclusion(
  place: { readonly index: number; readonly size: number },
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (!Number.isSafeInteger(place.index) || !Number.isSafeInteger(place.size)) return null;
  if (place.index < 0 || place.index >= place.size || !isHash(leaf) || !path.every(isHash)) return null;
  let [fn, sn, root] = [place.index, place.size - 1, leaf];
  for (const step of path) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      root = nodeHash(step, root);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      root = nodeHash(root, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? root : null;
}

/** Whether the leaf stands at `index` in the tree of `size` leaves that has this root. */
export function verifyInclusion(
  place: { readonly index: number; readonly size: number },
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const reached = rootOfInclusion(place, leaf, path);
  return reached !== null && same(reached, root);
}

/** A tree as a checkpoint tells it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether `older` is a prefix of `newer` (RFC 9162, 2.1.4.2). Of an empty tree everything is a continuation. */
export function verifyConsistency(older: TreeHead, newer: TreeHead, path: readonly Uint8Array[]): boolean {
  if (!Number.isSafeInteger(older.size) || !Number.isSafeInteger(newer.size) || older.size < 0) return false;
  if (older.size > newer.size || !isHash(older.root) || !isHash(newer.root) || !path.every(isHash)) return false;
  if (older.size === newer.size) return path.length === 0 && same(older.root, newer.root);
  if (older.size === 0) return path.length === 0 && same(older.root, EMPTY_ROOT);
  const isPerfect = Number.isInteger(Math.log2(older.size));
  const [first, ...steps] = isPerfect ? [older.root, ...path] : path;
  if (first === undefined || path.length === 0) return false;
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (fn % 2 === 1) [fn, sn] = [(fn - 1) / 2, Math.floor(sn / 2)];
  let [fr, sr] = [first, first];
  for (const step of steps) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(step, fr), nodeHash(step, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      sr = nodeHash(sr, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && same(fr, older.root) && same(sr, newer.root);
}
