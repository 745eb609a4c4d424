import fc from 'fast-check';
import type { Dimension } from '../../../schema/graph/catalogue.ts';
import type { Circumstance, Evidence, GivenEvidence } from '../../../schema/reputation/evidence.ts';
import { decay } from '../../../schema/reputation/formula.ts';
import { type LedgerEntry, takeEvidence } from './fast-channel.ts';
import { createMapMemory } from './map-memory.ts';
import { type DimensionState, type Memory, pieceKey } from './memory.ts';
import { sumsAt } from './score.ts';
import type { Roots } from './trust-network.ts';

export const dayMs = 86_400_000;
export const startMs = Date.UTC(2024, 0, 1);

/** A piece of evidence: say what matters, the rest is made up. */
export function given(evidence: Partial<GivenEvidence> & { readonly eventId: string }): GivenEvidence {
  return {
    kind: 'GIVEN',
    rule: 'ENDORSED',
    target: 'target',
    dimension: 'QUALITY',
    source: 'seed',
    sourceKind: 'CREATOR',
    weight: 0.3,
    statement: null,
    isAnonymous: false,
    refusal: null,
    clock: 'live',
    atMs: startMs,
    ...evidence,
  };
}

export const seeded: Roots = { seeds: new Set(['seed']), platformTrust: {}, walksPerSeed: 100, anybodyIsKnown: true };

/** What a sequence of evidence leaves behind. */
export interface History {
  readonly memory: Memory;
  /** Newest state of every piece. */
  readonly ledger: ReadonlyMap<string, LedgerEntry>;
  /** Newest state of every dimension, as it was told. */
  readonly scored: ReadonlyMap<string, DimensionState>;
}

export function play(evidence: readonly Evidence[], roots: Roots = seeded): History {
  const memory = createMapMemory(roots);
  const ledger = new Map<string, LedgerEntry>();
  const scored = new Map<string, DimensionState>();
  for (const each of evidence) {
    const effects = takeEvidence(memory, each);
    for (const entry of effects.ledger) ledger.set(pieceKey(entry), entry);
    for (const { creatorId, dimension, state } of effects.changed) scored.set(`${creatorId}.${dimension}`, state);
  }
  return { memory, ledger, scored };
}

/** What the ledger of a dimension adds up to, decayed to the dimension's own time (by its creator's clock of decay). */
export function explained(
  ledger: Iterable<LedgerEntry>,
  target: string,
  dimension: Dimension,
  atMs: number,
): { positive: number; negative: number } {
  let [positive, negative] = [0, 0];
  for (const entry of ledger) {
    if (entry.target !== target || entry.dimension !== dimension) continue;
    const points = entry.counted * decay(atMs - entry.decayMs, entry.counted);
    if (points > 0) positive += points;
    else negative -= points;
  }
  return { positive, negative };
}

export function sumsOf(
  history: History,
  target: string,
  dimension: Dimension = 'QUALITY',
): { positive: number; negative: number } {
  const state = history.memory.sums(target, dimension);
  return state ? sumsAt(state, state.atMs) : { positive: 0, negative: 0 };
}

const people = ['seed', 'a', 'b', 'c', 'd', 'platform:x'] as const;
const dimensions = ['QUALITY', 'COLLABORATION'] as const;

/** Evidence among a handful of people, withdrawals and late arrivals included; event ids are unique. */
export const someEvidence: fc.Arbitrary<readonly Evidence[]> = fc
  .array(
    fc.record({
      source: fc.constantFrom(...people),
      target: fc.constantFrom('seed', 'a', 'b', 'c', 'd'),
      dimension: fc.constantFrom(...dimensions),
      weight: fc.double({ min: -1, max: 1, noNaN: true }).filter((weight) => Math.abs(weight) > 1e-6),
      stands: fc.boolean(),
      isWithdrawn: fc.boolean(),
      dayOffset: fc.double({ min: 0, max: 800, noNaN: true }),
    }),
    { maxLength: 60 },
  )
  .map((drafts) =>
    drafts
      .filter(({ source, target }) => source !== target)
      .flatMap(({ source, target, dimension, weight, stands, isWithdrawn, dayOffset }, index): Evidence[] => {
        const isPlatform = source.startsWith('platform:');
        const atMs = startMs + Math.floor(dayOffset * dayMs);
        const statement = stands && !isPlatform ? `${source}|${target}|${dimension}` : null;
        const piece = given({
          eventId: `e${index}`,
          source,
          target,
          dimension,
          weight,
          statement,
          atMs,
          sourceKind: isPlatform ? 'EXTERNAL' : 'CREATOR',
          isAnonymous: isPlatform,
        });
        return statement !== null && isWithdrawn
          ? [piece, { kind: 'WITHDRAWN', eventId: `w${index}`, source, statement, atMs: atMs + 1 }]
          : [piece];
      }),
  );

/** What evidence is judged by: anybody erased, closed, blocked or frozen, and back. */
const someCircumstance: fc.Arbitrary<Circumstance> = fc
  .record({
    kind: fc.constantFrom('ERASED', 'CLOSED', 'REOPENED', 'BLOCKED', 'UNBLOCKED', 'FROZEN', 'THAWED'),
    creatorId: fc.constantFrom('seed', 'a', 'b', 'c', 'd'),
    otherId: fc.constantFrom('seed', 'a', 'b', 'c', 'd'),
    day: fc.nat(800),
    days: fc.nat(300),
  })
  .map(({ kind, creatorId, otherId, day, days }): Circumstance => {
    const atMs = startMs + day * dayMs;
    const base = { eventId: `${kind} ${creatorId} ${otherId} ${day}`, creatorId, atMs };
    if (kind === 'FROZEN') return { ...base, kind, untilMs: atMs + days * dayMs };
    return kind === 'BLOCKED' || kind === 'UNBLOCKED' ? { ...base, kind, otherId } : { ...base, kind };
  });

/** {@link someEvidence} with circumstances anywhere in it. */
export const someHistory: fc.Arbitrary<readonly Evidence[]> = fc
  .tuple(someEvidence, fc.array(fc.tuple(fc.nat(60), someCircumstance), { maxLength: 8 }))
  .map(([evidence, moves]) => {
    const mixed = [...evidence];
    for (const [at, move] of moves) mixed.splice(at, 0, move);
    return mixed;
  });
