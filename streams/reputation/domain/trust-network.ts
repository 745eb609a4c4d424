import { formula } from '../../../schema/reputation/formula.ts';
import { seedGroup, seedTerm, servesInTerm } from '../../../schema/reputation/seeds.ts';
import { hashText } from './walks/random.ts';
import { Reference } from './walks/reference.ts';
import { Reliance } from './walks/reliance.ts';
import { WalkEngine } from './walks/walk-engine.ts';

/** Whose word counts from the start. */
export interface Roots {
  /** Creators in whom trust is full, named by the operator; dealt to the groups in this order. */
  readonly seeds: ReadonlySet<string>;
  /** How long a term of the seeds lasts, in milliseconds; without it all of them serve always. */
  readonly seedTermMs?: number;
  /** Trust in a platform by its actor id; {@link formula.platformTrust} for the others. */
  readonly platformTrust: Readonly<Record<string, number>>;
  /** Walks of one seed, and of a platform in each group; {@link formula.trust.walksPerSeed} unless told otherwise. More tell smaller differences apart. */
  readonly walksPerSeed?: number;
  /** For networks that tell of no registrations: whoever gives or gets evidence is there. */
  readonly anybodyIsKnown?: boolean;
}

/**
 * An edge of the trust network: positive evidence by name of its piece, or what was taken back of it (`amount` below 0). With an `amount` of 0 it is the tombstone of its
 * source: of whoever was erased nothing leads anywhere, and nothing leads there. Without a source it says that evidence of this instant has come, in which another term of the
 * seeds may have begun.
 */
export type NetworkEdge = readonly [source: string, target: string, amount: number, atMs: number, piece: string];

const { groups, restart, stepsMax, edgeHalfLifeMs } = formula.trust;
/** Weights of edges are relative to this instant: a younger edge weighs more, so that none has to be touched to age. */
const epochMs = Date.UTC(2020, 0, 1);
/** Keeps weights of absurd instants finite. */
const doublingsMax = 400;

/** Whether a source is another platform, not a creator. */
export const isPlatform = (source: string): boolean => source.startsWith('platform:');

/** How the creators stand in the slow channel: what walks from the seeds reach over positive evidence. A function of the roots and of the edges in their order. */
export class TrustNetwork {
  readonly roots: Roots;
  readonly #engine = new WalkEngine({ groups, restart, stepsMax });
  readonly #nodes = new Map<string, number>();
  readonly #crowds = new Set<number>();
  readonly #reference = new Reference(this.#engine, groups);
  readonly #reliance = new Reliance(this.#engine, { max: formula.trust.relianceWalks, crowds: this.#crowds });
  readonly #walksPerSeed: number;
  readonly #serving = new Set<string>();
  #term = 0;
  #edges = 0;

  constructor(roots: Roots) {
    this.roots = roots;
    this.#walksPerSeed = roots.walksPerSeed ?? formula.trust.walksPerSeed;
    this.#appoint();
  }

  /** Whether a creator is one of the seeds, and does not rest. */
  serves(name: string): boolean {
    return this.#serving.has(name);
  }

  /** Whether an instant lies in a later term of the seeds than any before. */
  isInLaterTerm(atMs: number): boolean {
    const { seedTermMs } = this.roots;
    return seedTermMs !== undefined && seedTerm(atMs, seedTermMs) > this.#term;
  }

  /** Edges taken in so far, withdrawals too. */
  get edges(): number {
    return this.#edges;
  }

  /** Takes in positive evidence (`amount` above 0), takes it out again, or isolates whoever was erased. */
  take([source, target, amount, atMs, piece]: NetworkEdge): void {
    this.#edges++;
    if (source === '') {
      if (this.isInLaterTerm(atMs)) this.#beginTermOf(atMs);
      return;
    }
    if (amount === 0) {
      const node = this.#nodes.get(source);
      if (node !== undefined) this.#engine.isolate(node);
      this.#reference.afterEdge(this.#nodes.size);
      return;
    }
    const from = isPlatform(source) ? this.#crowdOf(source, hashText(piece)) : this.#nodeOf(source);
    const to = this.#nodeOf(target);
    const doublings = (atMs - epochMs) / edgeHalfLifeMs;
    const weight = Math.abs(amount) * 2 ** Math.max(-doublingsMax, Math.min(doublingsMax, doublings));
    if (amount > 0) this.#engine.addEdge(from, to, weight);
    else this.#engine.removeEdge(from, to, weight);
    this.#reference.afterEdge(this.#nodes.size);
  }

  /** Walks of the median group that reach somebody, as a share of the group's walks. */
  hits(name: string): number {
    const node = this.#nodes.get(name);
    return node === undefined ? 0 : this.#reference.hits(node);
  }

  /** The hits at which trust is full. */
  get referenceHits(): number {
    return this.#reference.value;
  }

  /** The share of the walks to somebody that pass the one person on whom most of them depend; 1 where none come. */
  reliance(name: string): number {
    const node = this.#nodes.get(name);
    return node === undefined ? 1 : this.#reliance.of(node);
  }

  /** A hash of all walks, for comparing states. */
  stateHash(): number {
    return this.#engine.stateHash();
  }

  #beginTermOf(atMs: number): void {
    this.#term = seedTerm(atMs, this.roots.seedTermMs as number);
    this.#appoint();
    this.#reference.look(this.#nodes.size);
  }

  /** Lets those seeds serve whose term it is. */
  #appoint(): void {
    [...this.roots.seeds].forEach((name, place) => {
      const node = this.#nodeOf(name);
      const group = seedGroup(place);
      if (this.roots.seedTermMs !== undefined && !servesInTerm(place, this.#term)) {
        this.#serving.delete(name);
        this.#engine.restSeed(node, group);
      } else {
        this.#serving.add(name);
        this.#engine.addSeed({ node, group, name, walks: this.#walksPerSeed });
      }
    });
  }

  #nodeOf(name: string): number {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node = this.#nodes.size;
    this.#nodes.set(name, node);
    return node;
  }

  /** The members whom a platform does not name are dealt to the groups by what they gave: a crowd of its own in each. */
  #crowdOf(platform: string, hash: number): number {
    const group = (hash >>> 0) % groups;
    const name = `${platform}#${group}`;
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node = this.#nodeOf(name);
    this.#crowds.add(node);
    this.#engine.addSeed({ node, group, name, walks: this.#walksPerSeed });
    return node;
  }
}
