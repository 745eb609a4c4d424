import { formula } from '../../../schema/reputation/formula.ts';
import type { Memory } from './memory.ts';
import { type NetworkEdge, type Roots, TrustNetwork, isPlatform } from './trust-network.ts';

/** Edges that are kept in one entry. */
const edgesPerChunk = 32;

/** Whether trust in a source does not depend on what others say of it. */
export function isRoot(network: TrustNetwork, source: string): boolean {
  return isPlatform(source) || network.serves(source);
}

/**
 * Trust in a source, 0 to 1: linear in its hits, with floor 0, so that splitting into many accounts gains nothing; less the part of them
 * that rests on one person, so that nobody lifts others alone, a seed neither.
 */
export function trustIn(memory: Memory, source: string): number {
  const { network } = memory;
  if (isPlatform(source)) return network.roots.platformTrust[source] ?? formula.platformTrust;
  if (network.serves(source)) return 1;
  const hits = network.hits(source);
  if (hits === 0) return 0;
  return Math.min(1, (hits / network.referenceHits) * (1 - relianceOf(memory, source, hits)));
}

/** Looked at anew only when the hits have changed by a share: it takes a look at many walks. */
function relianceOf({ network, get, put }: Memory, source: string, hits: number): number {
  const known = get('reliance', source);
  if (known !== undefined && Math.abs(hits - known.hits) <= formula.trust.relianceChange * known.hits)
    return known.share;
  const share = network.reliance(source);
  put('reliance', source, { share, hits });
  return share;
}

/** Lets a piece of positive evidence become an edge of the network, or be one no more. */
export function connect(memory: Memory, edge: NetworkEdge): void {
  const { network } = memory;
  const chunk = String(Math.floor(network.edges / edgesPerChunk));
  memory.put('edges', chunk, [...(memory.get('edges', chunk) ?? []), edge]);
  network.take(edge);
}

/** Changes the seeds where evidence of their next term has come. That is written down among the edges, so that a restored network changes them at the same place. */
export function beginTerm(memory: Memory, atMs: number): void {
  if (memory.network.isInLaterTerm(atMs)) connect(memory, ['', '', 0, atMs, '']);
}

/** The network that these roots and the kept edges give. */
export function restoreNetwork(roots: Roots, memory: Pick<Memory, 'get'>): TrustNetwork {
  const network = new TrustNetwork(roots);
  for (let chunk = 0; ; chunk++) {
    const edges = memory.get('edges', String(chunk));
    for (const edge of edges ?? []) network.take(edge);
    if (edges === undefined || edges.length < edgesPerChunk) return network;
  }
}

/** Whether a network knows just the edges that are kept. */
export function isUpToDate(network: TrustNetwork, memory: Pick<Memory, 'get'>): boolean {
  const { edges } = network;
  const inLast = memory.get('edges', String(Math.floor(edges / edgesPerChunk)))?.length ?? 0;
  const isLastChunk = edges % edgesPerChunk === inLast;
  const before = memory.get('edges', String(Math.floor(edges / edgesPerChunk) - 1));
  return isLastChunk && (edges < edgesPerChunk || before?.length === edgesPerChunk);
}
