import { linkOf } from '../events/canonical-text.ts';
import { GENESIS_HASH, hashCanonicalText } from '../events/envelope.ts';
import type { Checkpoint } from './checkpoint.ts';
import { eventLeaf } from './hash.ts';
import { CompactRange } from './tree.ts';

/** One leaf of a log's history: the event's canonical text, or its hash alone where the event is withheld. */
export type HistoryEntry = { readonly body: string } | { readonly withheldHash: string };

/** The first thing that does not fit. */
export interface HistoryFault {
  /** The leaf at which it shows. */
  readonly leaf: number;
  /** Of the entry at that leaf, where it names one. */
  readonly eventId: string | null;
  readonly reason: string;
}

export interface HistoryOptions {
  /** Signed and already opened; sizes in any order. */
  readonly checkpoints: readonly Checkpoint[];
  /** What the signed tree holds at a leaf, where it is at hand: then a changed event is named exactly, not only its stretch. */
  readonly leafAt?: (index: number) => Uint8Array | undefined;
}

/**
 * Checks the history of one partition, event by event in the order of the tree: that each is what its hash says, follows from its entity's
 * predecessor, and that all of them together have the roots that were signed. What comes after a fault is not looked at.
 */
export class HistoryVerifier {
  readonly #range = new CompactRange();
  readonly #options: HistoryOptions;
  readonly #roots: ReadonlyMap<number, readonly Checkpoint[]>;
  /** The newest link of every entity, by its type and id. */
  readonly #heads = new Map<string, Map<string, { hash: string }>>();
  readonly #ids = new Set<string>();
  readonly #withheld = new Set<string>();
  #vouched = 0;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#roots = Map.groupBy(options.checkpoints, ({ size }) => size);
  }

  /** Events taken so far. */
  get size(): number {
    return this.#range.size;
  }

  /** Takes the next entry; the fault that it shows, or null. */
  take(entry: HistoryEntry): HistoryFault | null {
    const leaf = this.#range.size;
    const read = 'body' in entry ? this.#readEvent(entry.body) : { id: null, hash: entry.withheldHash };
    if ('reason' in read) return { leaf, eventId: read.id, reason: read.reason };
    if (!('body' in entry)) this.#withheld.add(read.hash);
    const hash = eventLeaf(read.hash);
    const expected = this.#options.leafAt?.(leaf);
    if (expected && Buffer.compare(expected, hash) !== 0)
      return { leaf, eventId: read.id, reason: 'the signed tree holds another event here' };
    this.#range.push(hash);
    return this.#judgeRoots(read.id);
  }

  /** The fault of the whole, once every entry is taken. */
  finish(): HistoryFault | null {
    const size = this.#range.size;
    const longest = Math.max(0, ...this.#options.checkpoints.map((checkpoint) => checkpoint.size));
    if (longest > size)
      return { leaf: size, eventId: null, reason: `a signed checkpoint covers ${longest} events, here are ${size}` };
    if (longest < size)
      return { leaf: longest, eventId: null, reason: `no checkpoint covers the events from leaf ${longest} on` };
    return null;
  }

  #judgeRoots(eventId: string | null): HistoryFault | null {
    const size = this.#range.size;
    const told = this.#roots.get(size);
    if (!told) return null;
    const root = this.#range.root();
    if (told.some((checkpoint) => Buffer.compare(checkpoint.root, root) !== 0)) {
      const stretch = `somewhere in leaves ${this.#vouched} to ${size - 1}; older checkpoints, or the log itself, narrow it down`;
      // The last event is not the one that was changed, unless it is the only one that nothing vouches for.
      const which = this.#vouched === size - 1 ? eventId : null;
      const reason = `not the history that the checkpoint of ${size} signed: ${stretch}`;
      return { leaf: size - 1, eventId: which, reason };
    }
    this.#vouched = size;
    return null;
  }

  #readEvent(body: string): { id: string; hash: string } | { id: string | null; reason: string } {
    const event = linkOf(body);
    if (event === null) return { id: null, reason: 'is not the canonical text of an event' };
    const { id } = event;
    const hash = hashCanonicalText(body, event.hash);
    if (hash !== event.hash) return { id, reason: 'does not have the hash that it says' };
    if (this.#ids.has(id)) return { id, reason: 'an event of this id came before' };
    const { type, id: entityId } = event.entity;
    const head = this.#heads.get(type)?.get(entityId);
    if (event.prevHash !== (head?.hash ?? GENESIS_HASH) && !this.#withheld.has(event.prevHash))
      return { id, reason: `does not follow the event before it of ${type} ${entityId}` };
    this.#ids.add(id);
    // What is kept is the hash that was computed: the one that was read is a piece of the event's text, and would keep the whole in memory.
    if (head) head.hash = hash;
    else this.#begin(ownCopy(type), ownCopy(entityId), hash);
    return { id, hash };
  }

  #begin(type: string, entityId: string, hash: string): void {
    const heads = this.#heads.get(type) ?? new Map<string, { hash: string }>();
    this.#heads.set(type, heads.set(entityId, { hash }));
  }
}

/** The same text, as no piece of a longer one. */
const ownCopy = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
