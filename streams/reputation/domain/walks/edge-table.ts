import { grownFloats, grownInts } from './pool.ts';

const firstCapacity = 2;

/**
 * Weighted edges of each node in the order in which they came, with running sums of their weights. Each node's edges lie together in one
 * block of a common pool; a full block moves to one of twice its size, and the old one is used again.
 */
export class EdgeTable {
  #start = new Int32Array(0);
  #count = new Int32Array(0);
  #capacity = new Int32Array(0);
  #target = new Int32Array(0);
  #sum = new Float64Array(0);
  #used = 0;
  /** Starts of free blocks by the logarithm of their capacity. */
  readonly #free: number[][] = [];

  /** Sum of the weights of a node's edges. */
  total(node: number): number {
    const count = node < this.#count.length ? (this.#count[node] as number) : 0;
    return count === 0 ? 0 : (this.#sum[(this.#start[node] as number) + count - 1] as number);
  }

  degree(node: number): number {
    return node < this.#count.length ? (this.#count[node] as number) : 0;
  }

  /** Of the edge in this place among the node's. */
  target(node: number, index: number): number {
    return this.#target[(this.#start[node] as number) + index] as number;
  }

  /** Sum of the weights of the node's edges up to this one, itself taken in. */
  sumTo(node: number, index: number): number {
    return this.#sum[(this.#start[node] as number) + index] as number;
  }

  /** The first of a node's edges at which the sum of weights is above `sum`. One must be there. */
  firstAbove(node: number, sum: number): number {
    const start = this.#start[node] as number;
    let low = 0;
    let high = (this.#count[node] as number) - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sum[start + middle] as number) > sum) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Adds an edge of positive weight. */
  add(node: number, target: number, weight: number): void {
    if (node >= this.#count.length) this.#makeRoom(node + 1);
    const count = this.#count[node] as number;
    if (count === (this.#capacity[node] as number)) this.#moveBlock(node, Math.max(firstCapacity, 2 * count));
    const at = (this.#start[node] as number) + count;
    this.#target[at] = target;
    this.#sum[at] = (count === 0 ? 0 : (this.#sum[at - 1] as number)) + weight;
    this.#count[node] = count + 1;
  }

  /** Takes up to `weight` out of the newest edges to this target. Returns how much was there to take. */
  take(node: number, target: number, weight: number): number {
    const start = this.degree(node) === 0 ? 0 : (this.#start[node] as number);
    const edges = Array.from({ length: this.degree(node) }, (_, index) => ({
      to: this.target(node, index),
      weight: (this.#sum[start + index] as number) - (index === 0 ? 0 : (this.#sum[start + index - 1] as number)),
    }));
    let left = weight;
    for (const edge of edges.reverse()) {
      if (edge.to !== target || left <= 0) continue;
      const taken = Math.min(left, edge.weight);
      // What rounding leaves of an edge is no edge.
      edge.weight = edge.weight - taken < 1e-9 * edge.weight ? 0 : edge.weight - taken;
      left -= taken;
    }
    if (left === weight) return 0;
    this.#count[node] = 0;
    for (const edge of edges.reverse()) if (edge.weight > 0) this.add(node, edge.to, edge.weight);
    return weight - left;
  }

  /** Takes all edges of a node away. */
  clear(node: number): void {
    if (node < this.#count.length) this.#count[node] = 0;
  }

  /** Takes all edges to a target away. Looks at every edge there is. Returns the nodes that had one, in their order. */
  clearTarget(target: number): readonly number[] {
    const found: number[] = [];
    for (let node = 0; node < this.#count.length; node++) {
      let weight = 0;
      for (let index = 0; index < this.degree(node); index++)
        if (this.target(node, index) === target)
          weight += this.sumTo(node, index) - (index === 0 ? 0 : this.sumTo(node, index - 1));
      if (weight > 0 && this.take(node, target, weight) > 0) found.push(node);
    }
    return found;
  }

  #makeRoom(nodes: number): void {
    this.#start = grownInts(this.#start, nodes);
    this.#count = grownInts(this.#count, nodes);
    this.#capacity = grownInts(this.#capacity, nodes);
  }

  #moveBlock(node: number, capacity: number): void {
    const from = this.#start[node] as number;
    const count = this.#count[node] as number;
    const to = this.#freeBlock(capacity);
    this.#target.copyWithin(to, from, from + count);
    this.#sum.copyWithin(to, from, from + count);
    if (count > 0) (this.#free[Math.log2(this.#capacity[node] as number)] ??= []).push(from);
    this.#start[node] = to;
    this.#capacity[node] = capacity;
  }

  #freeBlock(capacity: number): number {
    const free = this.#free[Math.log2(capacity)]?.pop();
    if (free !== undefined) return free;
    const start = this.#used;
    this.#used += capacity;
    if (this.#used > this.#target.length) {
      this.#target = grownInts(this.#target, this.#used);
      this.#sum = grownFloats(this.#sum, this.#used);
    }
    return start;
  }
}
