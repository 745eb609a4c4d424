import { formula } from '../../../../schema/reputation/formula.ts';
import type { WalkEngine } from './walk-engine.ts';

const smallestHits = 2 ** -30;
const cellsPerDoubling = 4;
const cells = 30 * cellsPerDoubling + 1;
/** Edges between two looks, as a share of the nodes. */
const edgesShare = 1 / 16;

/** What the median group says of nodes, and how much of it makes trust full. */
export class Reference {
  readonly #engine: WalkEngine;
  readonly #shares: Float64Array<ArrayBuffer>;
  #edgesLeft = 1;
  #value = smallestHits;

  constructor(engine: WalkEngine, groups: number) {
    this.#engine = engine;
    this.#shares = new Float64Array(groups);
  }

  /** Hits at which trust is full: the lower {@link formula.trust.referenceMass} of all hits, by mass, lies below. */
  get value(): number {
    return this.#value;
  }

  /** Walks of the median group that reach a node, as a share of its walks; the lower one of two in the middle. Groups without seeds say nothing. */
  hits(node: number): number {
    const shares = this.#shares;
    let count = 0;
    for (let group = 0; group < shares.length; group++) {
      const walks = this.#engine.walksOf(group);
      if (walks === 0) continue;
      const share = this.#engine.hits(node, group) / walks;
      let at = count++;
      for (; at > 0 && (shares[at - 1] as number) > share; at--) shares[at] = shares[at - 1] as number;
      shares[at] = share;
    }
    return count === 0 ? 0 : (shares[(count - 1) >> 1] as number);
  }

  /** Looks at all nodes anew once enough edges have come, so that an edge costs the same however many nodes there are. */
  afterEdge(nodes: number): void {
    if (--this.#edgesLeft <= 0) this.look(nodes);
  }

  /** Looks at all nodes anew. */
  look(nodes: number): void {
    this.#edgesLeft = Math.max(1, Math.floor(nodes * edgesShare));
    const masses = new Float64Array(cells);
    let wanted = 0;
    for (let node = 0; node < nodes; node++) {
      if (this.#engine.isSeed(node)) continue;
      const hits = this.hits(node);
      if (hits === 0) continue;
      const cell = Math.max(0, Math.floor(cellsPerDoubling * Math.log2(hits / smallestHits)));
      masses[cell] = (masses[cell] as number) + hits;
      wanted += formula.trust.referenceMass * hits;
    }
    let below = 0;
    for (let cell = 0; cell < cells; cell++) {
      below += masses[cell] as number;
      if (below >= wanted && below > 0) {
        this.#value = smallestHits * 2 ** (cell / cellsPerDoubling);
        return;
      }
    }
  }
}
