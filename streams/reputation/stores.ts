import { z } from 'zod';
import { sources } from '../../schema/events/envelope.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { givenSchema } from '../../schema/reputation/evidence.ts';
import { ruleNames } from '../../schema/reputation/rules.ts';
import type { StateView, Store } from '../shared/state.ts';
import { defineStore } from '../shared/state.ts';
import type {
  AccountState,
  CreatorState,
  DimensionState,
  Kind,
  Kinds,
  Memory,
  PairState,
  Piece,
  RelianceState,
} from './domain/memory.ts';
import { placeKey } from './domain/memory.ts';
import { AgingQueue, dueMsOf } from './domain/aging.ts';
import { accumulate } from './domain/score.ts';
import type { NetworkEdge, Roots } from './domain/trust-network.ts';
import { isUpToDate, restoreNetwork } from './domain/trust.ts';

const dimension = z.enum(dimensions);
const instantMs = z.int().nonnegative();
const sums = z.array(z.number());

const dimensionState: z.ZodType<DimensionState> = z.strictObject({
  positive: sums,
  negative: sums,
  count: z.int(),
  atMs: instantMs,
  asOfMs: instantMs,
  clock: z.string().optional(),
  version: z.int().optional(),
});

const creator: z.ZodType<CreatorState> = z.strictObject({
  step: z.int(),
  day: z.int(),
  dayUnits: z.number(),
});

const pair: z.ZodType<PairState> = z.strictObject({
  given: z.array(z.tuple([instantMs, dimension, z.number()])),
  negativeAtMs: instantMs.nullable(),
});

const piece: z.ZodType<Piece> = z.strictObject({
  eventId: z.string(),
  rule: z.enum(ruleNames),
  target: z.string(),
  dimension,
  source: z.string(),
  sourceKind: z.enum(sources),
  statement: z.string().nullable(),
  atMs: instantMs,
  decayMs: instantMs,
  clock: z.string().optional(),
  weight: z.number(),
  allowed: z.number(),
  trust: z.number(),
  reduction: z.enum(['PAIR_CAP', 'DAY_CAP', 'RETALIATION']).nullable(),
  isWaiting: z.boolean(),
  isOverturned: z.literal(true).optional(),
});

const edge: z.ZodType<NetworkEdge> = z.tuple([z.string(), z.string(), z.number(), instantMs, z.string()]);

const reliance: z.ZodType<RelianceState> = z.strictObject({ share: z.number(), hits: z.number() });

const account: z.ZodType<AccountState> = z.strictObject({
  state: z.enum(['OPEN', 'CLOSED', 'ERASED']),
  freezes: z.array(z.tuple([instantMs, instantMs])),
});

const stores: { readonly [K in Kind]: Store<Kinds[K]> } = {
  creator: defineStore('creator', creator),
  pair: defineStore('pair', pair),
  piece: defineStore('piece', piece),
  statement: defineStore('statement', z.array(z.string())),
  waiting: defineStore('waiting', z.array(z.string())),
  edges: defineStore('edges', z.array(edge)),
  reliance: defineStore('reliance', reliance),
  account: defineStore('account', account),
  block: defineStore('block', z.literal(1)),
  early: defineStore('early', z.array(givenSchema)),
  clock: defineStore('clock', instantMs),
  hour: defineStore('hour', instantMs),
  told: defineStore('told', instantMs),
};

/** By dimension and creator. */
const sumsStore = defineStore('sums', dimensionState);

/** The fast channel's memory as stores of its processor. */
export const reputationStores: readonly Store<unknown>[] = [...Object.values(stores), sumsStore];

/**
 * The processor's state as the fast channel sees it. The walks are no part of it: they are a function of the edges that are, and are made from them
 * when the state has just been restored, or a message was taken back. Nor is the order in which scores are made anew, which is a function of their sums.
 */
export function memoryOf(roots: Roots): (state: StateView) => Memory {
  const memories = new WeakMap<StateView, Memory>();
  return (state) => {
    const known = memories.get(state);
    if (known !== undefined && isUpToDate(known.network, known)) return known;
    const access = accessTo(state);
    const memory = { ...access, network: restoreNetwork(roots, access), aging: known?.aging ?? restoreAging(state) };
    memories.set(state, memory);
    return memory;
  };
}

function restoreAging(state: StateView): AgingQueue {
  const queue = new AgingQueue();
  for (const [key, sums] of state.entries(sumsStore))
    if (sums.clock !== undefined) queue.push(sums.clock, key, dueMsOf(sums));
  return queue;
}

function accessTo(state: StateView): Omit<Memory, 'network' | 'aging'> {
  return {
    get: <K extends Kind>(kind: K, key: string) => state.get<Kinds[K]>(stores[kind], key) as Kinds[K] | undefined,
    put: <K extends Kind>(kind: K, key: string, value: Kinds[K]) => state.put<Kinds[K]>(stores[kind], key, value),
    remove: (kind, key) => state.remove<unknown>(stores[kind], key),
    sums: (creatorId, of) => state.get(sumsStore, placeKey(creatorId, of)),
    accumulate(creatorId, of, change) {
      const key = placeKey(creatorId, of);
      state.put(sumsStore, key, accumulate(state.get(sumsStore, key), change));
    },
    forgetSums(creatorId) {
      for (const of of dimensions) state.remove(sumsStore, placeKey(creatorId, of));
    },
  };
}
