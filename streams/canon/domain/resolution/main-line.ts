import { type Case, contestId } from './case.ts';
import { type Claim, comparePriority } from './claim.ts';

/**
 * The end of an entity's main line: what the next event follows. From `baseHash` on each claim leads to the one after it; where several contend, to the one
 * that the case favours, or the first while none is favoured. Null where nothing after the base stands.
 */
export function mainTip(claims: readonly Claim[], baseHash: string, cases: readonly Case[]): Claim | null {
  let tip: Claim | null = null;
  const left = new Map(claims.map((claim) => [claim.hash, claim]));
  for (let hash = baseHash; ;) {
    const next = nextOf(
      [...left.values()].filter(({ prevHash }) => prevHash === hash),
      hash,
      cases,
    );
    if (!next) return tip;
    left.delete(next.hash);
    tip = next;
    hash = next.hash;
  }
}

function nextOf(rivals: readonly Claim[], hash: string, cases: readonly Case[]): Claim | null {
  const [first = null] = rivals;
  if (!first || rivals.length === 1) return first;
  const settlement = cases.find(({ id }) => id === contestId(first.entity, hash))?.settlement;
  if (settlement?.verdict === 'REJECT') return null;
  const favoured = rivals.find(({ id }) => id === settlement?.favours);
  return favoured ?? rivals.toSorted(comparePriority)[0] ?? null;
}
