import { grownFloats, grownInts } from './pool.ts';

const none = -1;
/** Links of a visit lie together: first child, right sibling, and the left sibling or, for a first child, the parent. */
const child = 0;
const next = 1;
const previous = 2;
const links = 4;

/**
 * For each node a pairing heap (Fredman, Sedgewick, Sleator and Tarjan 1986) of the visits that walks pay it, the one that is to be
 * re-routed first on top. A visit is in one heap at most; it can be taken out wherever it is. Links are indices in typed arrays.
 */
export class VisitHeaps {
  #root = new Int32Array(0);
  #link = new Int32Array(0);
  /** By visit: the node's sum of weights above which the visit is re-routed. */
  #threshold = new Float64Array(0);
  /** Reused between calls. */
  readonly #pairs: number[] = [];
  readonly #open: number[] = [];

  /** Makes room for visits below this number. */
  reserve(visits: number): void {
    if (visits <= this.#threshold.length) return;
    this.#threshold = grownFloats(this.#threshold, visits);
    this.#link = grownInts(this.#link, links * this.#threshold.length, none);
  }

  insert(node: number, visit: number, threshold: number): void {
    if (node >= this.#root.length) this.#root = grownInts(this.#root, node + 1, none);
    this.#threshold[visit] = threshold;
    const root = this.#root[node] as number;
    this.#root[node] = root === none ? visit : this.#meld(root, visit);
  }

  /** Takes a visit out of its node's heap. */
  remove(node: number, visit: number): void {
    const rest = this.#meldChildren(visit);
    if (this.#root[node] === visit) {
      this.#root[node] = rest;
      return;
    }
    const before = this.#get(visit, previous);
    const after = this.#get(visit, next);
    this.#set(before, this.#get(before, child) === visit ? child : next, after);
    if (after !== none) this.#set(after, previous, before);
    this.#cut(visit);
    if (rest !== none) this.#root[node] = this.#meld(this.#root[node] as number, rest);
  }

  /** Takes all visits out whose threshold is below `sum`, and pushes them to `taken`. */
  takeBelow(node: number, sum: number, taken: number[]): void {
    const root = this.#top(node);
    if (root === none || (this.#threshold[root] as number) >= sum) return;
    const open = this.#open;
    const pairs = this.#pairs;
    open.push(root);
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      const after = this.#get(visit, next);
      if (after !== none) open.push(after);
      if ((this.#threshold[visit] as number) < sum) {
        const first = this.#get(visit, child);
        if (first !== none) open.push(first);
        this.#set(visit, child, none);
        taken.push(visit);
      } else {
        pairs.push(visit);
      }
      this.#cut(visit);
    }
    this.#root[node] = this.#meldPairs();
  }

  /** Calls for each visit of a node, in no particular order. The heap must not change meanwhile. */
  forEach(node: number, take: (visit: number) => void): void {
    const open = [this.#top(node)];
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      if (visit === none) continue;
      take(visit);
      open.push(this.#get(visit, child), this.#get(visit, next));
    }
  }

  #top(node: number): number {
    return node < this.#root.length ? (this.#root[node] as number) : none;
  }

  #get(visit: number, link: typeof child | typeof next | typeof previous): number {
    return this.#link[links * visit + link] as number;
  }

  #set(visit: number, link: typeof child | typeof next | typeof previous, to: number): void {
    this.#link[links * visit + link] = to;
  }

  #cut(visit: number): void {
    this.#set(visit, next, none);
    this.#set(visit, previous, none);
  }

  /** Both are roots; the lower one becomes the first child of the other. */
  #meld(a: number, b: number): number {
    const aFirst = (this.#threshold[a] as number) <= (this.#threshold[b] as number);
    const top = aFirst ? a : b;
    const under = aFirst ? b : a;
    const first = this.#get(top, child);
    this.#set(under, next, first);
    this.#set(under, previous, top);
    if (first !== none) this.#set(first, previous, under);
    this.#set(top, child, under);
    return top;
  }

  #meldChildren(visit: number): number {
    const pairs = this.#pairs;
    let each = this.#get(visit, child);
    this.#set(visit, child, none);
    while (each !== none) {
      const after = this.#get(each, next);
      this.#cut(each);
      pairs.push(each);
      each = after;
    }
    return this.#meldPairs();
  }

  /** Melds what is in the list by twos from the left, then all of it from the right. Leaves the list empty. */
  #meldPairs(): number {
    const pairs = this.#pairs;
    let melded = none;
    if (pairs.length % 2 === 1) melded = pairs.pop() as number;
    const half = pairs.length / 2;
    for (let at = 0; at < half; at++) pairs[at] = this.#meld(pairs[2 * at] as number, pairs[2 * at + 1] as number);
    for (let at = half - 1; at >= 0; at--)
      melded = melded === none ? (pairs[at] as number) : this.#meld(melded, pairs[at] as number);
    pairs.length = 0;
    return melded;
  }
}
