import { type Tile, type TileId, nodesOfTiles, tilesNeeded } from './tiles.ts';
import type { NodeSource } from './tree.ts';

/** The graph node (`CanonTree`) of a partition's tree head. */
export function treeNodeId(partition: number): string {
  return `tree|${partition}`;
}

/** The graph node (`CanonTile`) of one tile of a partition's tree. */
export function tileNodeId(partition: number, { level, index }: TileId): string {
  return `tile|${partition}|${level}|${index}`;
}

/** Fetches the tiles that a computation needs, at once, and runs it on them. Throws a RangeError where one is missing. */
export async function computeOnTiles<R>(
  compute: (node: NodeSource) => R,
  fetch: (tiles: readonly TileId[]) => Promise<readonly (Tile | null)[]>,
): Promise<R> {
  const ids = tilesNeeded(compute);
  const fetched = await fetch(ids);
  const byName = new Map(ids.map(({ level, index }, n) => [`${level}/${index}`, fetched[n] ?? null]));
  return compute(
    nodesOfTiles(({ level, index }) => {
      const tile = byName.get(`${level}/${index}`) ?? null;
      if (tile === null) throw new RangeError(`tile ${level}/${index} is missing`);
      return tile;
    }),
  );
}
