/**
 * Quantiles from noisy counts of ranges: a binary tree of whole counts over buckets between public edges (Dwork et al. 2010; Honaker 2015). The processor counts nodes, whoever
 * reads releases estimates here; it is post-processing and costs nothing. Without noise an estimate is exact where the quantile falls on an edge.
 */
import { errorBarHalfWidth } from './error-bar.ts';
import type { Rational } from './rational.ts';

export interface QuantileShape {
  /** Ascending; values are clamped between the first and the last. One more than there are buckets. */
  readonly edges: readonly number[];
  /** What the edges are told in. */
  readonly unit: string;
  /** `TREE` for many buckets (a power of two of them), `FLAT` where each account's path must be one cell. */
  readonly layout: 'TREE' | 'FLAT';
}

/** Levels of nodes below the root: 1 where the layout is flat. */
export function depthOf({ edges, layout }: QuantileShape): number {
  return layout === 'FLAT' ? 1 : Math.log2(edges.length - 1);
}

/** The bucket of a value; what lies outside the edges counts in the outermost. */
export function bucketOf({ edges }: QuantileShape, value: number): number {
  const inner = edges.slice(1, -1);
  return inner.filter((edge) => value >= edge).length;
}

const nodeKey = (level: number, index: number): string => `${level}/${index}`;

/** The nodes that a bucket counts in, from the top. */
export function pathOf(shape: QuantileShape, bucket: number): readonly string[] {
  const depth = depthOf(shape);
  return Array.from({ length: depth }, (_, n) =>
    nodeKey(n + 1, shape.layout === 'FLAT' ? bucket : bucket >> (depth - n - 1)),
  );
}

/** Every node, in the order of levels: the public keys of such a metric. */
export function nodesOf(shape: QuantileShape): readonly string[] {
  const depth = depthOf(shape);
  return Array.from({ length: depth }, (_, n) => n + 1).flatMap((level) =>
    Array.from({ length: shape.layout === 'FLAT' ? shape.edges.length - 1 : 2 ** level }, (_, index) =>
      nodeKey(level, index),
    ),
  );
}

/** The fewest nodes that together are the buckets before edge `edge`. */
function prefixNodes(shape: QuantileShape, edge: number): readonly string[] {
  if (shape.layout === 'FLAT') return Array.from({ length: edge }, (_, index) => nodeKey(1, index));
  const depth = depthOf(shape);
  if (edge === 2 ** depth) return [nodeKey(1, 0), nodeKey(1, 1)];
  const nodes: string[] = [];
  let start = 0;
  for (let level = 1; level <= depth; level += 1) {
    const width = 2 ** (depth - level);
    if (start + width > edge) continue;
    nodes.push(nodeKey(level, start / width));
    start += width;
  }
  return nodes;
}

export interface QuantileEstimate {
  readonly q: number;
  readonly value: number;
  /** Edges between which the quantile of the bounded data lies with probability `level`. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface NoisyNodes {
  /** Released counts by node, summed over windows. */
  readonly counts: ReadonlyMap<string, number>;
  /** Variance parameters of the noise in each node, one per window. */
  readonly sigma2s: readonly Rational[];
}

/**
 * Quantiles of 0 … 1, in the order in which they are asked for. The counts before each edge are made to rise; between two edges the value is interpolated. The interval holds all edges at which the noise could
 * have hidden the crossing, for all edges at once (union bound). Empty where the noisy total is not positive: there is nothing to tell.
 */
export function estimateQuantiles(
  shape: QuantileShape,
  { counts, sigma2s }: NoisyNodes,
  { at, level }: { readonly at: readonly number[]; readonly level: number },
): readonly QuantileEstimate[] {
  if (at.some((q) => !(q >= 0 && q <= 1))) throw new RangeError('a quantile lies between 0 and 1');
  const buckets = shape.edges.length - 1;
  const nodesBefore = Array.from({ length: buckets + 1 }, (_, edge) => prefixNodes(shape, edge));
  const before = nodesBefore.map((nodes) => nodes.reduce((sum, node) => sum + (counts.get(node) ?? 0), 0));
  const total = before[buckets] ?? 0;
  if (total <= 0) return [];
  let rising = 0;
  const monotone = before.map((count) => (rising = Math.max(rising, Math.min(count, total))));
  const missEach = (1 - level) / (buckets + 1);
  // The same for every quantile, and of years of windows not cheap.
  const halves = new Map<number, number>();
  // The noise of "count before the edge - q · total" is at most that of its nodes and the total's together.
  function half(edge: number): number {
    const nodes = (nodesBefore[edge]?.length ?? 0) + (nodesBefore[buckets]?.length ?? 0);
    const known = halves.get(nodes);
    if (known !== undefined) return known;
    const all = Array.from({ length: nodes }, () => sigma2s).flat();
    const width = errorBarHalfWidth(all, 1 - missEach);
    halves.set(nodes, width);
    return width;
  }
  return at.map((q) => {
    const target = q * total;
    const value = interpolate(shape.edges, monotone, target);
    const cannotBeBelow = (edge: number): boolean => (before[edge] ?? 0) + half(edge) < target;
    const cannotBeAbove = (edge: number): boolean => (before[edge] ?? 0) - half(edge) > target;
    let [low, high] = [0, buckets];
    for (let edge = 1; edge < buckets; edge += 1) if (cannotBeBelow(edge)) low = edge;
    for (let edge = buckets - 1; edge > 0; edge -= 1) if (cannotBeAbove(edge)) high = edge;
    if (low > high) [low, high] = [high, low];
    const [lowEdge, highEdge] = [shape.edges[low] ?? 0, shape.edges[high] ?? 0];
    return { q, value, low: Math.min(lowEdge, value), high: Math.max(highEdge, value), level };
  });
}

function interpolate(edges: readonly number[], counts: readonly number[], target: number): number {
  for (let edge = 1; edge < edges.length; edge += 1) {
    const [from, to] = [counts[edge - 1] ?? 0, counts[edge] ?? 0];
    if (to < target || to === from) continue;
    const [left, right] = [edges[edge - 1] ?? 0, edges[edge] ?? 0];
    return left + ((right - left) * Math.max(0, target - from)) / (to - from);
  }
  return edges.at(-1) ?? 0;
}
