import { HASH_BYTES, nodeHash } from './hash.ts';
import type { NodeId, NodeSource } from './tree.ts';

/** Levels of one tile: it holds 256 hashes of one level, and what lies between them and the next tile is computed (C2SP tlog-tiles). */
const tileHeight = 8;
export const tileWidth = 2 ** tileHeight;

/** The tile `index` of tile level `level`: hashes of tree level `8 * level`, from `256 * index` on. */
export interface TileId {
  readonly level: number;
  readonly index: number;
}

/** Its hashes one after the other, 256 at most; fewer at the tree's edge. */
export type Tile = Uint8Array;

/** Finds a tile that a proof needs. */
export type TileSource = (tile: TileId) => Tile;

/** The tile from which a node can be computed. */
function tileOf(node: NodeId): TileId {
  const level = Math.floor(node.level / tileHeight);
  const first = node.index * 2 ** (node.level - level * tileHeight);
  return { level, index: Math.floor(first / tileWidth) };
}

/** Nodes of a tree that is kept in tiles. Throws a RangeError where a tile does not reach that far. */
export function nodesOfTiles(tiles: TileSource): NodeSource {
  return (node) => {
    const id = tileOf(node);
    const tile = tiles(id);
    const width = 2 ** (node.level - id.level * tileHeight);
    const first = node.index * width - id.index * tileWidth;
    if ((first + width) * HASH_BYTES > tile.length)
      throw new RangeError(`tile ${id.level}/${id.index} does not hold node ${node.level}/${node.index}`);
    return subtree(tile, first, width);
  };
}

function subtree(tile: Tile, first: number, width: number): Uint8Array {
  if (width === 1) return tile.subarray(first * HASH_BYTES, (first + 1) * HASH_BYTES);
  const half = width / 2;
  return nodeHash(subtree(tile, first, half), subtree(tile, first + half, half));
}

/** The tiles that a computation asks for, found by running it once on blank ones. */
export function tilesNeeded(compute: (node: NodeSource) => unknown): readonly TileId[] {
  const blank = new Uint8Array(HASH_BYTES);
  const needed = new Map<string, TileId>();
  compute((node) => {
    const id = tileOf(node);
    needed.set(`${id.level}/${id.index}`, id);
    return blank;
  });
  return [...needed.values()];
}

/** A tile that an append changed. */
export interface ChangedTile extends TileId {
  readonly tile: Tile;
}

/** Appends leaf hashes to a tree of `size` leaves: every tile that is new or longer by it. `edge` gives the unfilled tile of each level. */
export function appendToTiles(
  size: number,
  leaves: readonly Uint8Array[],
  edge: (level: number) => Tile | undefined,
): readonly ChangedTile[] {
  const changed: ChangedTile[] = [];
  let added = leaves;
  for (let level = 0, count = size; added.length > 0; level += 1, count = Math.floor(count / tileWidth)) {
    const next: Uint8Array[] = [];
    let index = Math.floor(count / tileWidth);
    let hashes: Uint8Array[] = [(count % tileWidth === 0 ? undefined : edge(level)) ?? new Uint8Array(0)];
    let held = count % tileWidth;
    const close = (): void => void changed.push({ level, index, tile: Buffer.concat(hashes) });
    for (const hash of added) {
      hashes.push(hash);
      held += 1;
      if (held < tileWidth) continue;
      close();
      next.push(subtree(changed.at(-1)?.tile as Tile, 0, tileWidth));
      [index, hashes, held] = [index + 1, [], 0];
    }
    if (hashes.length > 0) close();
    added = next;
  }
  return changed;
}
