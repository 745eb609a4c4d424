import { type Checkpoint, openCheckpoint, originOf, signCheckpoint } from '../../../schema/merkle/checkpoint.ts';
import { eventLeaf } from '../../../schema/merkle/hash.ts';
import { type TreeHead, consistencyProof, verifyConsistency } from '../../../schema/merkle/proof.ts';
import type { NoteSigner, NoteVerifier } from '../../../schema/merkle/signed-note.ts';
import { type Tile, appendToTiles, nodesOfTiles } from '../../../schema/merkle/tiles.ts';
import { CompactRange } from '../../../schema/merkle/tree.ts';
import type { Entry } from './entry.ts';

/** Entries of a region's log from one place on, with what shows that they are what the region signed. */
export interface Batch extends Warrant {
  readonly region: string;
  readonly at: number;
  readonly entries: readonly string[];
}

/** What shows that entries are what their region signed. */
export interface Warrant {
  /** Of the log's own region, of the size at which the batch ends or a later one. */
  readonly checkpoint: string;
  /** From the batch's end to the checkpoint's tree. Whoever passes a log on has not all of that tree: it leads to where its own copy ends, and from there on as it was shown itself. */
  readonly steps: readonly Step[];
}

/** That the tree before this step is a prefix of the one that it leads to (RFC 6962, 2.1.2). Hashes are base64. */
interface Step {
  readonly size: number;
  readonly root: string;
  readonly proof: readonly string[];
}

/** Copies of copies: steps from a batch to its checkpoint, at most. */
export const stepsMax = 8;
const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString('base64');

/** Why a batch is not taken. Some pass with time: the clock, a cause that has not come yet. */
export class BatchRefused extends Error {
  override readonly name = 'BatchRefused';
  readonly code: 'GAP' | 'FORGED' | 'ENTRY' | 'HISTORY_REWRITTEN' | 'CAUSE_MISSING' | 'CLOCK_AHEAD' | 'ORDER';
  /** How many of its entries could be taken before what it was refused for. */
  readonly good: number;

  constructor(code: BatchRefused['code'], message: string, good = 0) {
    super(message);
    this.code = code;
    this.good = good;
  }
}

/** Partitions of a region's log: one. */
const partition = 0;
const tileName = (level: number, index: number): string => `${level}/${index}`;

/** What one region wrote, in its order: its own log, or a verified replica of another's. Entries are known by id, never by offset alone. */
export class RegionLog {
  readonly region: string;
  readonly entries: Entry[] = [];
  readonly #places = new Map<string, number>();
  readonly #tiles = new Map<string, Tile>();
  #range = new CompactRange();
  /** The newest checkpoint, and how this copy, when it had `size` entries, led to it. */
  #vouched: { readonly note: string; readonly size: number; readonly steps: readonly Step[] } | null = null;

  constructor(region: string) {
    this.region = region;
  }

  get size(): number {
    return this.entries.length;
  }

  get root(): Uint8Array {
    return this.#range.root();
  }

  /** Where an event stands; undefined where this log does not hold it. */
  placeOf(eventId: string): number | undefined {
    return this.#places.get(eventId);
  }

  /** Appends entries that were checked already. */
  append(entries: readonly Entry[]): void {
    const leaves = entries.map(({ stored }) => eventLeaf(stored.hash));
    const edge = (level: number): Tile | undefined =>
      this.#tiles.get(tileName(level, Math.floor(this.#range.size / 256 ** (level + 1))));
    for (const { level, index, tile } of appendToTiles(this.#range.size, leaves, edge))
      this.#tiles.set(tileName(level, index), tile);
    for (const leaf of leaves) this.#range.push(leaf);
    for (const entry of entries) {
      this.#places.set(entry.stored.id, this.entries.length);
      this.entries.push(entry);
    }
  }

  /** Signs the tree of the first `size` entries, which must be on disk: what was signed can never be taken back. */
  sign(size: number, signer: NoteSigner): void {
    if (this.#vouched?.size === size) return;
    const root = CompactRange.restore(size, this.#node).root();
    const note = signCheckpoint({ origin: originOf(signer.name, partition), size, root }, signer);
    this.#vouched = { note, size, steps: [] };
  }

  /** Entries from a place on, as far as a checkpoint covers them; null where none does. `outward` gives each the form in which it may leave. */
  serve(at: number, max: number, outward: (entry: Entry) => Entry): Batch | null {
    if (!this.#vouched || at < 0 || at >= this.#vouched.size) return null;
    const { note, size, steps } = this.#vouched;
    const end = Math.min(at + max, size);
    const root = base64(CompactRange.restore(size, this.#node).root());
    const proof = consistencyProof(end, size, this.#node).map(base64);
    const entries = this.entries.slice(at, end).map((entry) => outward(entry).text);
    return { region: this.region, at, entries, checkpoint: note, steps: [{ size, root, proof }, ...steps] };
  }

  /** The entries that this copy does not hold yet, known by their ids. Throws {@link BatchRefused} where it holds others in their place. */
  fresh(batch: Batch, entries: readonly Entry[]): readonly Entry[] {
    if (batch.at > this.size)
      throw new BatchRefused('GAP', `entry ${this.size} is next, the batch begins at ${batch.at}`);
    for (const [n, { stored }] of entries.entries()) {
      const held = this.entries[batch.at + n]?.stored;
      if (held === undefined && this.#places.get(stored.id) === undefined) continue;
      if (held?.id !== stored.id || held.hash !== stored.hash)
        throw new BatchRefused('HISTORY_REWRITTEN', `entry ${batch.at + n} is another than the one that is held`);
    }
    return entries.slice(this.size - batch.at);
  }

  /** Throws {@link BatchRefused} unless the log with these entries more is a prefix of the tree that the checkpoint signs. */
  verify(batch: Batch, entries: readonly Entry[], verifier: NoteVerifier): Checkpoint {
    const signed = attempt(() => openCheckpoint(batch.checkpoint, verifier));
    const range = CompactRange.restore(this.#range.size, this.#node);
    for (const { stored } of entries) range.push(eventLeaf(stored.hash));
    let reached: TreeHead = { size: range.size, root: range.root() };
    for (const step of batch.steps) {
      const next = { size: step.size, root: Buffer.from(step.root, 'base64') };
      const path = step.proof.map((hash) => Buffer.from(hash, 'base64'));
      if (!verifyConsistency(reached, next, path)) throw this.#forged(signed);
      reached = next;
    }
    const isSigned = reached.size === signed.size && Buffer.compare(reached.root, signed.root) === 0;
    if (signed.origin !== originOf(verifier.name, partition) || !isSigned) throw this.#forged(signed);
    return signed;
  }

  /** Keeps what a batch, of which this copy now ends with the last entry, showed: to pass it on. */
  vouch({ checkpoint, steps }: Warrant): void {
    const onward = steps[0]?.size === this.size ? steps.slice(1) : steps;
    if (onward.length < stepsMax && this.size >= (this.#vouched?.size ?? 0))
      this.#vouched = { note: checkpoint, size: this.size, steps: onward };
  }

  #forged({ size }: Checkpoint): BatchRefused {
    return new BatchRefused('FORGED', `the log of ${this.region} does not lead to its checkpoint of ${size}`);
  }

  readonly #node = nodesOfTiles(({ level, index }) => this.#tiles.get(tileName(level, index)) ?? new Uint8Array(0));
}

function attempt(open: () => Checkpoint): Checkpoint {
  try {
    return open();
  } catch (error) {
    throw new BatchRefused('FORGED', error instanceof Error ? error.message : 'the checkpoint cannot be read');
  }
}
