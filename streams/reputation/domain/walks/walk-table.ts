import { grownInts } from './pool.ts';
import { joinHashes, uniform } from './random.ts';

const none = -1;

/** How long a walk is may be known from the start: geometric with the chance `restart` to end at each step, cut off at `stepsMax`. */
function stepsOf(key: number, { restart, stepsMax }: { restart: number; stepsMax: number }): number {
  const drawn = Math.floor(Math.log(uniform(key, none, 0)) / Math.log1p(-restart));
  return Math.min(stepsMax, drawn + 1);
}

/** Where each walk goes: its visits lie one behind the other in typed arrays, at most `steps` + 1 of them. */
export class WalkTable {
  readonly #lengths: { readonly restart: number; readonly stepsMax: number };
  #key = new Int32Array(0);
  #group = new Int32Array(0);
  #first = new Int32Array(0);
  #steps = new Int32Array(0);
  #walks = 0;
  /** By visit: its node, or none where the walk did not get there; and its walk. */
  #node = new Int32Array(0);
  #walk = new Int32Array(0);
  #visits = 0;

  constructor(lengths: { restart: number; stepsMax: number }) {
    this.#lengths = lengths;
  }

  /** Room that visits take so far. */
  get visits(): number {
    return this.#visits;
  }

  /** Makes a walk that stands at its first node. Returns its first visit. */
  start(node: number, group: number, key: number): number {
    const walk = this.#walks++;
    if (walk >= this.#first.length) {
      this.#key = grownInts(this.#key, walk + 1);
      this.#group = grownInts(this.#group, walk + 1);
      this.#first = grownInts(this.#first, walk + 1);
      this.#steps = grownInts(this.#steps, walk + 1);
    }
    const steps = stepsOf(key, this.#lengths);
    const first = this.#visits;
    this.#visits += steps + 1;
    if (this.#visits > this.#node.length) {
      this.#node = grownInts(this.#node, this.#visits, none);
      this.#walk = grownInts(this.#walk, this.#visits);
    }
    this.#key[walk] = key;
    this.#group[walk] = group;
    this.#first[walk] = first;
    this.#steps[walk] = steps;
    this.#walk.fill(walk, first, this.#visits);
    this.#node[first] = node;
    return first;
  }

  node(visit: number): number {
    return this.#node[visit] as number;
  }

  setNode(visit: number, node: number): void {
    this.#node[visit] = node;
  }

  walkOf(visit: number): number {
    return this.#walk[visit] as number;
  }

  key(walk: number): number {
    return this.#key[walk] as number;
  }

  group(walk: number): number {
    return this.#group[walk] as number;
  }

  first(walk: number): number {
    return this.#first[walk] as number;
  }

  last(walk: number): number {
    return (this.#first[walk] as number) + (this.#steps[walk] as number);
  }

  /** Whether the walk was not at the visit's node before. */
  isFirstVisit(first: number, visit: number): boolean {
    const node = this.#node[visit];
    for (let at = first; at < visit; at++) if (this.#node[at] === node) return false;
    return true;
  }

  /** A hash of every walk that does not rest, whatever their order. */
  hash(): number {
    let hash = 0;
    for (let walk = 0; walk < this.#walks; walk++) {
      if (this.node(this.first(walk)) === none) continue;
      let way = joinHashes(this.key(walk), this.group(walk));
      for (let visit = this.first(walk); visit <= this.last(walk); visit++) way = joinHashes(way, this.node(visit));
      hash = (hash + way) | 0;
    }
    return hash >>> 0;
  }
}
