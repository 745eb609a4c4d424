import type { GraphStore } from '../../engines/graph-store/port.ts';
import type { NodeProps } from '../../schema/graph/catalogue.ts';
import { originOf, signCheckpoint } from '../../schema/merkle/checkpoint.ts';
import type { TreeHead } from '../../schema/merkle/proof.ts';
import type { NoteSigner } from '../../schema/merkle/signed-note.ts';
import { computeOnTiles, tileNodeId, treeNodeId } from '../../schema/merkle/stored-tree.ts';
import { type Tile, type TileId, appendToTiles, tileWidth } from '../../schema/merkle/tiles.ts';
import { CompactRange } from '../../schema/merkle/tree.ts';

/** The stored tree has moved without this process: another one writes it too. */
export class TreeMovedError extends Error {
  override readonly name = 'TreeMovedError';
}

/** The Merkle tree of one log partition: its tiles and its signed head in the graph store, its right edge in memory. */
export class StoredTree {
  readonly #store: GraphStore;
  readonly #partition: number;
  readonly #range: CompactRange;
  /** The unfilled tile of each level. */
  readonly #edge: Map<number, Tile>;
  #version: number;

  private constructor(
    store: GraphStore,
    partition: number,
    held: { range: CompactRange; edge: Map<number, Tile>; version: number },
  ) {
    this.#store = store;
    this.#partition = partition;
    this.#range = held.range;
    this.#edge = held.edge;
    this.#version = held.version;
  }

  /** Takes up the tree where the store has it. */
  static async open(store: GraphStore, partition: number): Promise<StoredTree> {
    const [head] = await store.get('CanonTree', [treeNodeId(partition)]);
    const size = head?.props.size ?? 0;
    const fetch = (tiles: readonly TileId[]): Promise<readonly (Tile | null)[]> => readTiles(store, partition, tiles);
    const range = await computeOnTiles((node) => CompactRange.restore(size, node), fetch);
    const ids = edgeTiles(size);
    const tiles = await fetch(ids);
    const edge = new Map(ids.map(({ level }, n) => [level, tiles[n] ?? new Uint8Array(0)]));
    return new StoredTree(store, partition, { range, edge, version: head?.version ?? 0 });
  }

  get size(): number {
    return this.#range.size;
  }

  /**
   * Appends leaves and signs the new head, in one transaction. Throws {@link TreeMovedError} where somebody else appended; open the
   * tree again then.
   */
  async append(leaves: readonly Uint8Array[], signer: NoteSigner): Promise<void> {
    const changed = appendToTiles(this.#range.size, leaves, (level) => this.#edge.get(level));
    for (const leaf of leaves) this.#range.push(leaf);
    const head = { size: this.#range.size, root: this.#range.root() };
    const partition = this.#partition;
    const props = signedHead(partition, head, signer);
    await this.#store.transact(async (tx) => {
      const id = treeNodeId(partition);
      const [stored] = await tx.get('CanonTree', [id]);
      if ((stored?.version ?? 0) !== this.#version)
        throw new TreeMovedError(`the tree of partition ${partition} was moved by another process`);
      await tx.put({ type: 'CanonTree', id, props });
      for (const { level, index, tile } of changed) {
        const hashes = Buffer.from(tile).toString('base64');
        await tx.put({ type: 'CanonTile', id: tileNodeId(partition, { level, index }), props: { hashes } });
      }
    });
    this.#version += 1;
    for (const { level, tile } of changed) this.#edge.set(level, tile);
  }
}

function signedHead(partition: number, head: TreeHead, signer: NoteSigner): NodeProps['CanonTree'] {
  return {
    partition,
    size: head.size,
    root: Buffer.from(head.root).toString('hex'),
    checkpoint: signCheckpoint({ origin: originOf(signer.name, partition), ...head }, signer),
    verifierKey: signer.verifierKey,
  };
}

/** Signs every stored head anew, as that of the log under the signer's name. */
export async function signHeadsAnew(store: GraphStore, signer: NoteSigner, partitions: number): Promise<void> {
  await store.transact(async (tx) => {
    for (let partition = 0; partition < partitions; partition += 1) {
      const id = treeNodeId(partition);
      const [stored] = await tx.get('CanonTree', [id]);
      if (!stored) continue;
      const { size, root } = stored.props;
      const props = signedHead(partition, { size, root: Buffer.from(root, 'hex') }, signer);
      await tx.put({ type: 'CanonTree', id, props });
    }
  });
}

function edgeTiles(size: number): readonly TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / tileWidth)) {
    if (count % tileWidth > 0) tiles.push({ level, index: Math.floor(count / tileWidth) });
  }
  return tiles;
}

async function readTiles(
  store: GraphStore,
  partition: number,
  tiles: readonly TileId[],
): Promise<readonly (Tile | null)[]> {
  const nodes = await store.get(
    'CanonTile',
    tiles.map((tile) => tileNodeId(partition, tile)),
  );
  return nodes.map((node) => (node === null ? null : Buffer.from(node.props.hashes, 'base64')));
}
