import { grownInts } from './pool.ts';
import type { WalkEngine } from './walk-engine.ts';

/** On whom a node's support rests: which nodes the walks to it pass. */
export class Reliance {
  readonly #engine: WalkEngine;
  readonly #options: { readonly max: number; readonly crowds: ReadonlySet<number> };
  /** By node: walks that pass it, and the newest walk that did. */
  #passing = new Int32Array(0);
  #newest = new Int32Array(0);

  /** Looks at `max` walks at most. `crowds` are nodes that stand for many people. */
  constructor(engine: WalkEngine, options: { readonly max: number; readonly crowds: ReadonlySet<number> }) {
    this.#engine = engine;
    this.#options = options;
  }

  /** The share of the walks to a node that pass the one other person whom most of them pass; 1 where there are none. */
  of(node: number): number {
    const passed: number[] = [];
    let walks = 0;
    this.#engine.forEachWalkTo(node, this.#options.max, (_group, first, end) => {
      walks++;
      for (let visit = first; visit < end; visit++) this.#pass(this.#engine.nodeAt(visit), walks, passed);
    });
    let most = 0;
    for (const at of passed) {
      if (!this.#options.crowds.has(at)) most = Math.max(most, this.#passing[at] as number);
      this.#passing[at] = 0;
      this.#newest[at] = 0;
    }
    return walks === 0 ? 1 : most / walks;
  }

  #pass(node: number, walk: number, passed: number[]): void {
    if (node >= this.#passing.length) {
      this.#passing = grownInts(this.#passing, node + 1);
      this.#newest = grownInts(this.#newest, node + 1);
    }
    if (this.#newest[node] === walk) return;
    this.#newest[node] = walk;
    if (this.#passing[node] === 0) passed.push(node);
    this.#passing[node] = (this.#passing[node] as number) + 1;
  }
}
