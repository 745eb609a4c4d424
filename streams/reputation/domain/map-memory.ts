import { AgingQueue } from './aging.ts';
import type { Kind, Kinds, Memory } from './memory.ts';
import { SumsTable } from './sums-table.ts';
import { type Roots, TrustNetwork } from './trust-network.ts';

/** The processor's memory in plain maps and tables: for tests, and to measure it without a log. */
export function createMapMemory(roots: Roots): Memory {
  const tables: { readonly [K in Kind]: Map<string, Kinds[K]> } = {
    creator: new Map(),
    pair: new Map(),
    piece: new Map(),
    statement: new Map(),
    waiting: new Map(),
    edges: new Map(),
    reliance: new Map(),
    account: new Map(),
    block: new Map(),
    early: new Map(),
    clock: new Map(),
    hour: new Map(),
    told: new Map(),
  };
  const sums = new SumsTable();
  const table = <K extends Kind>(kind: K): Map<string, Kinds[K]> => tables[kind];
  return {
    network: new TrustNetwork(roots),
    aging: new AgingQueue(),
    get: (kind, key) => table(kind).get(key),
    put: (kind, key, value) => void table(kind).set(key, value),
    remove: (kind, key) => void table(kind).delete(key),
    sums: (creatorId, dimension) => sums.read(creatorId, dimension),
    accumulate: (creatorId, dimension, change) => sums.accumulate(creatorId, dimension, change),
    forgetSums: (creatorId) => sums.remove(creatorId),
  };
}
