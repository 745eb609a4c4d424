import { formula } from '../../../schema/reputation/formula.ts';
import { type Memory, type Population, creatorOf } from './memory.ts';

/** Whose word counts from the start. */
export interface Roots {
  /** Creators in whom trust is full, named by the operator. */
  readonly seeds: ReadonlySet<string>;
  /** Trust in a platform by its actor id; {@link formula.platformTrust} for the others. */
  readonly platformTrust: Readonly<Record<string, number>>;
}

const everybody = 'all';
const smallestHits = 1e-4;
const cellsPerDoubling = 4;
const cellsMax = 96;
const empty: readonly number[] = Array.from({ length: cellsMax }, () => 0);
const nobody: Population = { creators: empty, hits: empty, referenceHits: formula.trust.referenceMin };

const isPlatform = (source: string): boolean => source.startsWith('platform:');
const cellOf = (hits: number): number =>
  Math.min(cellsMax - 1, Math.max(0, Math.floor(cellsPerDoubling * Math.log2(hits / smallestHits))));
const startOf = (cell: number): number => smallestHits * 2 ** (cell / cellsPerDoubling);

/** Whether trust in a source never changes. */
export function isRoot(roots: Roots, source: string): boolean {
  return isPlatform(source) || roots.seeds.has(source);
}

/** Trust in a source, 0 to 1: linear in its hits, with floor 0, so that splitting into many accounts gains nothing. */
export function trustIn(memory: Memory, roots: Roots, source: string): number {
  if (isPlatform(source)) return roots.platformTrust[source] ?? formula.platformTrust;
  if (roots.seeds.has(source)) return 1;
  const { hits } = creatorOf(memory, source);
  return hits === 0 ? 0 : Math.min(hits / (memory.get('population', everybody) ?? nobody).referenceHits, 1);
}

/** The hits at which trust is full. */
function referenceOf(hits: readonly number[]): number {
  const { referenceMass, referenceMin } = formula.trust;
  let wanted = 0;
  for (const mass of hits) wanted += referenceMass * mass;
  let below = 0;
  for (const [cell, mass] of hits.entries()) {
    below += mass;
    if (below >= wanted && below > 0) return Math.max(startOf(cell), referenceMin);
  }
  return referenceMin;
}

/**
 * Lets `amount` of positive evidence become hits of the target, as far as the source may pass on what it has. Hits
 * therefore never multiply on their way: all that a group of accounts holds entered it from outside.
 */
export function passHits(
  memory: Memory,
  roots: Roots,
  pass: { source: string; target: string; amount: number },
): number {
  const { source, target, amount } = pass;
  let passed = amount;
  if (!isRoot(roots, source)) {
    const giver = creatorOf(memory, source);
    const left = Math.max(0, formula.trust.passOn * giver.hits - giver.passedOn);
    passed = Math.min(amount, formula.trust.passOnAtOnce * left);
    if (passed > 0) memory.put('creator', source, { ...giver, passedOn: giver.passedOn + passed });
  }
  changeHits(memory, target, passed);
  return passed;
}

/** Adds to a creator's hits, or takes away, not below 0. */
export function changeHits(memory: Memory, id: string, by: number): void {
  if (by === 0) return;
  const creator = creatorOf(memory, id);
  const hits = Math.max(0, creator.hits + by);
  memory.put('creator', id, { ...creator, hits });
  const population = memory.get('population', everybody) ?? nobody;
  const spread = { creators: [...population.creators], hits: [...population.hits] };
  move(spread, creator.hits, -1);
  move(spread, hits, 1);
  memory.put('population', everybody, { ...spread, referenceHits: referenceOf(spread.hits) });
}

function move(spread: { creators: number[]; hits: number[] }, hits: number, sign: 1 | -1): void {
  if (hits === 0) return;
  const cell = cellOf(hits);
  const creators = (spread.creators[cell] ?? 0) + sign;
  spread.creators[cell] = creators;
  // An empty cell holds exactly nothing, whatever rounding left.
  spread.hits[cell] = creators === 0 ? 0 : Math.max(0, (spread.hits[cell] ?? 0) + sign * hits);
}
