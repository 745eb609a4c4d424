import { z } from 'zod';
import { sources } from '../../schema/events/envelope.ts';
import { dimensions } from '../../schema/graph/catalogue.ts';
import { ruleNames } from '../../schema/reputation/rules.ts';
import type { StateView, Store } from '../shared/state.ts';
import { defineStore } from '../shared/state.ts';
import type {
  CreatorState,
  DimensionState,
  Kind,
  Kinds,
  Memory,
  PairState,
  Piece,
  Population,
} from './domain/memory.ts';

const dimension = z.enum(dimensions);
const instantMs = z.int().nonnegative();
const sums = z.array(z.number());

const dimensionState: z.ZodType<DimensionState> = z.strictObject({
  positive: sums,
  negative: sums,
  count: z.int(),
  atMs: instantMs,
});

const creator: z.ZodType<CreatorState> = z.strictObject({
  dimensions: z.partialRecord(dimension, dimensionState),
  hits: z.number(),
  passedOn: z.number(),
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
  weight: z.number(),
  allowed: z.number(),
  trust: z.number(),
  hits: z.number(),
  reduction: z.enum(['PAIR_CAP', 'DAY_CAP', 'RETALIATION']).nullable(),
  isWaiting: z.boolean(),
});

const population: z.ZodType<Population> = z.strictObject({
  creators: sums,
  hits: sums,
  referenceHits: z.number(),
});

const stores: { readonly [K in Kind]: Store<Kinds[K]> } = {
  creator: defineStore('creator', creator),
  pair: defineStore('pair', pair),
  piece: defineStore('piece', piece),
  statement: defineStore('statement', z.array(z.string())),
  waiting: defineStore('waiting', z.array(z.string())),
  population: defineStore('population', population),
};

/** The fast channel's memory as stores of its processor. */
export const reputationStores: readonly Store<unknown>[] = Object.values(stores);

/** The processor's state, as the fast channel sees it. */
export function memoryIn(state: StateView): Memory {
  return {
    get: <K extends Kind>(kind: K, key: string) => state.get<Kinds[K]>(stores[kind], key) as Kinds[K] | undefined,
    put: <K extends Kind>(kind: K, key: string, value: Kinds[K]) => state.put<Kinds[K]>(stores[kind], key, value),
    remove: (kind, key) => state.remove<unknown>(stores[kind], key),
  };
}
