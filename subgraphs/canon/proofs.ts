import { GraphQLError } from 'graphql';
import type { GraphReader } from '../../engines/graph-store/port.ts';
import { consistencyText, inclusionText } from '../../schema/merkle/checkpoint.ts';
import { consistencyProof, inclusionProof } from '../../schema/merkle/proof.ts';
import { computeOnTiles, tileNodeId, treeNodeId } from '../../schema/merkle/stored-tree.ts';
import { type NodeSource, rangeHash } from '../../schema/merkle/tree.ts';
import type { NodeProps } from '../../schema/graph/catalogue.ts';

export type TreeHead = NodeProps['CanonTree'];

/** The newest head of a partition's tree; null before its first event. */
export async function readTreeHead(store: GraphReader, partition: number): Promise<TreeHead | null> {
  return (await store.get('CanonTree', [treeNodeId(partition)]))[0]?.props ?? null;
}

/** Runs a computation on the stored tiles of a partition: a handful of reads, however large the tree. */
function onTree<R>(store: GraphReader, partition: number, compute: (node: NodeSource) => R): Promise<R> {
  return computeOnTiles(compute, async (tiles) => {
    const nodes = await store.get(
      'CanonTile',
      tiles.map((tile) => tileNodeId(partition, tile)),
    );
    return nodes.map((node) => (node === null ? null : Buffer.from(node.props.hashes, 'base64')));
  });
}

/** The text that proves a leaf under a head. Throws NOT_YET_PROVABLE for a leaf that the head does not cover. */
export async function proveLeaf(store: GraphReader, head: TreeHead | null, leaf: number): Promise<string> {
  if (head === null || leaf >= head.size)
    throw new GraphQLError('canon took this event up a moment ago: its proof is there within a second', {
      extensions: { code: 'NOT_YET_PROVABLE' },
    });
  const path = await onTree(store, head.partition, (node) => inclusionProof(leaf, head.size, node));
  return inclusionText(leaf, path, head.checkpoint);
}

/** The text that proves the first `from` leaves to be the beginning of a head's tree, and their root. */
export async function proveConsistency(
  store: GraphReader,
  head: TreeHead,
  from: number,
): Promise<{ readonly fromRoot: string; readonly proof: string }> {
  const { path, root } = await onTree(store, head.partition, (node) => ({
    root: rangeHash(0, from, node),
    path: consistencyProof(from, head.size, node),
  }));
  return { fromRoot: Buffer.from(root).toString('hex'), proof: consistencyText(from, path, head.checkpoint) };
}
