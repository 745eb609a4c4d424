import { EdgeTable } from './edge-table.ts';
import { grownInts } from './pool.ts';
import { hashText, joinHashes, uniform } from './random.ts';
import { VisitHeaps } from './visit-heaps.ts';
import { WalkTable } from './walk-table.ts';

export interface WalkOptions {
  /** How many groups of seeds there are. */
  readonly groups: number;
  /** Chance, at each step, that a walk ends. */
  readonly restart: number;
  /** Steps that a walk takes at most. */
  readonly stepsMax: number;
  /** Which of the walks live here: those whose number leaves `index` when divided by `of`. All, unless told otherwise. */
  readonly shard?: { readonly index: number; readonly of: number };
}

const none = -1;

/**
 * Random walks with restart from seeds over weighted edges, kept while edges come (after Bahmani, Chowdhury and Goel 2010). How many *distinct*
 * walks of a group reach a node is its hits: a ring cannot raise them by passing a walk around.
 *
 * Each walk is a function of its seed, its number and the edges of each node in their order. A step takes, by hash, the last edge that
 * displaced its predecessors in a weighted reservoir (jump consistent hashing, Lamping and Veach 2014, with weights): a new edge takes a visit
 * over with its share of the node's weight, and at which sum of weights that happens next is known beforehand. So an edge
 * costs what it re-routes, however many walks pass its node.
 *
 * A walk ends where it reaches a seed: seeds speak in their own group only.
 */
export class WalkEngine {
  readonly #groups: number;
  readonly #shard: { readonly index: number; readonly of: number };
  readonly #edges = new EdgeTable();
  readonly #heaps = new VisitHeaps();
  readonly #walks: WalkTable;
  readonly #seeds = new Set<number>();
  /** First visits of the walks of seeds that rest, by seed. */
  readonly #resting = new Map<number, readonly number[]>();
  readonly #walksOfGroup: number[];
  /** By node and group. */
  #hits = new Int32Array(0);
  #rerouted = 0;

  constructor(options: WalkOptions) {
    this.#groups = options.groups;
    this.#shard = options.shard ?? { index: 0, of: 1 };
    this.#walks = new WalkTable(options);
    this.#walksOfGroup = Array.from({ length: options.groups }, () => 0);
  }

  /** Steps that went elsewhere than before, so far. */
  get rerouted(): number {
    return this.#rerouted;
  }

  /** Walks of a group that start here. */
  walksOf(group: number): number {
    return this.#walksOfGroup[group] as number;
  }

  isSeed(node: number): boolean {
    return this.#seeds.has(node);
  }

  /** Distinct walks of a group that reach a node. */
  hits(node: number, group: number): number {
    return this.#hits[node * this.#groups + group] ?? 0;
  }

  /** Starts the walks of a seed. `name` is what they are a function of, beside the edges. A node is a seed once. */
  addSeed(seed: {
    readonly node: number;
    readonly group: number;
    readonly name: string;
    readonly walks: number;
  }): void {
    const { node, group, name, walks } = seed;
    if (this.#seeds.has(node)) return;
    this.#seeds.add(node);
    // Walks that passed here end here from now on.
    this.#chooseAnew(node);
    const resting = this.#resting.get(node);
    if (resting !== undefined) {
      this.#resting.delete(node);
      this.#walksOfGroup[group] = this.walksOf(group) + resting.length;
      for (const first of resting) {
        this.#walks.setNode(first, node);
        this.#goOn(first);
      }
      return;
    }
    const key = hashText(name);
    for (let number = this.#shard.index; number < walks; number += this.#shard.of) {
      const first = this.#walks.start(node, group, joinHashes(key, number));
      this.#heaps.reserve(this.#walks.visits);
      this.#walksOfGroup[group] = this.walksOf(group) + 1;
      this.#goOn(first);
    }
  }

  /** Lets the walks of a seed rest, as if it had never been one, until it is added again with the same name, group and number of walks. */
  restSeed(node: number, group: number): void {
    if (!this.#seeds.delete(node)) return;
    const own: number[] = [];
    this.#heaps.forEach(node, (visit) => {
      if (this.#walks.first(this.#walks.walkOf(visit)) === visit) own.push(visit);
    });
    for (const first of own) {
      this.#cutAfter(first, first, this.#walks.last(this.#walks.walkOf(first)));
      this.#heaps.remove(node, first);
      this.#walks.setNode(first, none);
    }
    this.#walksOfGroup[group] = this.walksOf(group) - own.length;
    this.#resting.set(node, own);
    // Walks of others that ended here go on.
    this.#chooseAnew(node);
  }

  /** Adds an edge; weight is positive. Edges of a node to itself are of no use and left out. */
  addEdge(from: number, to: number, weight: number): void {
    if (from === to) return;
    this.#edges.add(from, to, weight);
    const taken: number[] = [];
    this.#heaps.takeBelow(from, this.#edges.total(from), taken);
    // Later visits of a walk first: an earlier one may cut them off, and then they must be in a heap again.
    taken.sort((a, b) => b - a);
    for (const visit of taken) this.#goOn(visit);
  }

  /** Takes up to `weight` of the edges between two nodes away, the newest first. */
  removeEdge(from: number, to: number, weight: number): void {
    if (this.#edges.take(from, to, weight) > 0) this.#chooseAnew(from);
  }

  /** Takes all edges from and to a node away: walks that passed it go elsewhere. Costs a look at every edge. */
  isolate(node: number): void {
    this.#edges.clear(node);
    const sources = this.#edges.clearTarget(node);
    for (const each of [node, ...sources]) this.#chooseAnew(each);
  }

  /**
   * Calls for distinct walks that reach a node, with the visits that lead there (`first` up to, without, `end`): for all of them
   * or, where there are more than `max`, for about that many, drawn by hash.
   */
  forEachWalkTo(node: number, max: number, take: (group: number, first: number, end: number) => void): void {
    let total = 0;
    for (let group = 0; group < this.#groups; group++) total += this.hits(node, group);
    const drawn = (max / total) * 2 ** 32;
    this.#heaps.forEach(node, (visit) => {
      const walk = this.#walks.walkOf(visit);
      if (drawn < 2 ** 32 && joinHashes(this.#walks.key(walk), node) >>> 0 >= drawn) return;
      const first = this.#walks.first(walk);
      if (visit !== first && this.#walks.isFirstVisit(first, visit)) take(this.#walks.group(walk), first, visit);
    });
  }

  nodeAt(visit: number): number {
    return this.#walks.node(visit);
  }

  /** A hash of all walks, for comparing states. */
  stateHash(): number {
    return this.#walks.hash();
  }

  /** Lets a visit that is in no heap choose its next step, and walks on from there where it is another one than before. */
  #goOn(from: number): void {
    const walk = this.#walks.walkOf(from);
    const first = this.#walks.first(walk);
    const last = this.#walks.last(walk);
    for (let visit = from; ; visit++) {
      const next = visit === last ? this.#end(visit) : this.#choose(visit, visit - first, walk);
      if (visit === last || this.#walks.node(visit + 1) === next) return;
      this.#rerouted++;
      this.#cutAfter(visit, first, last);
      if (next === none) return;
      this.#walks.setNode(visit + 1, next);
      this.#countHit(visit + 1, first, 1);
    }
  }

  /** A visit that leads nowhere, whatever edges come. */
  #end(visit: number): typeof none {
    this.#heaps.insert(this.#walks.node(visit), visit, Infinity);
    return none;
  }

  /** Puts the visit into its node's heap and says where it goes. */
  #choose(visit: number, step: number, walk: number): number {
    const node = this.#walks.node(visit);
    if (step > 0 && this.#seeds.has(node)) return this.#end(visit);
    const total = this.#edges.total(node);
    if (total === 0) {
      this.#heaps.insert(node, visit, 0);
      return none;
    }
    const key = joinHashes(this.#walks.key(walk), step);
    let edge = 0;
    for (let round = 0; ; round++) {
      const threshold = this.#edges.sumTo(node, edge) / uniform(key, node, round);
      if (threshold >= total) {
        this.#heaps.insert(node, visit, threshold);
        return this.#edges.target(node, edge);
      }
      edge = this.#edges.firstAbove(node, threshold);
    }
  }

  #cutAfter(visit: number, first: number, last: number): void {
    let end = visit;
    while (end < last && this.#walks.node(end + 1) !== none) end++;
    for (let at = end; at > visit; at--) {
      this.#countHit(at, first, -1);
      this.#heaps.remove(this.#walks.node(at), at);
      this.#walks.setNode(at, none);
    }
  }

  /** Counts a visit as a hit, or no more, where the walk was not there before. */
  #countHit(visit: number, first: number, by: 1 | -1): void {
    if (!this.#walks.isFirstVisit(first, visit)) return;
    const at = this.#walks.node(visit) * this.#groups + this.#walks.group(this.#walks.walkOf(visit));
    if (at >= this.#hits.length) this.#hits = grownInts(this.#hits, at + this.#groups);
    this.#hits[at] = (this.#hits[at] as number) + by;
  }

  /** Lets every visit of a node choose anew, after its edges changed otherwise than by a new one. */
  #chooseAnew(node: number): void {
    const visits: number[] = [];
    this.#heaps.forEach(node, (visit) => visits.push(visit));
    for (const visit of visits) {
      // An earlier one of the same walk may have led elsewhere meanwhile.
      if (this.#walks.node(visit) !== node) continue;
      this.#heaps.remove(node, visit);
      this.#goOn(visit);
    }
  }
}
