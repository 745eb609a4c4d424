import type { Claim } from './claim.ts';

/**
 * Claims such that each comes after its causes and its predecessor in the chain, and as `compare` says where those leave a choice (Kahn 1962). What lies
 * on a circle of causes, or behind one, comes last.
 */
export function causalOrder(claims: readonly Claim[], compare: (a: Claim, b: Claim) => number): readonly Claim[] {
  const byId = new Map(claims.map((claim) => [claim.id, claim]));
  const byHash = new Map(claims.map((claim) => [`${claim.entity}|${claim.hash}`, claim]));
  const waitsFor = new Map<string, number>();
  const effects = new Map<string, Claim[]>();
  for (const claim of claims) {
    const before = new Set(claim.causedBy.map((id) => byId.get(id)));
    before.add(byHash.get(`${claim.entity}|${claim.prevHash}`));
    before.delete(undefined);
    waitsFor.set(claim.id, before.size);
    for (const cause of before) if (cause) effects.set(cause.id, [...(effects.get(cause.id) ?? []), claim]);
  }
  const ready = claims.filter(({ id }) => waitsFor.get(id) === 0).sort(compare);
  const ordered: Claim[] = [];
  for (let next = ready.shift(); next; next = ready.shift()) {
    ordered.push(next);
    for (const effect of effects.get(next.id) ?? []) {
      const left = (waitsFor.get(effect.id) ?? 0) - 1;
      waitsFor.set(effect.id, left);
      if (left === 0) insert(ready, effect, compare);
    }
  }
  if (ordered.length === claims.length) return ordered;
  const placed = new Set(ordered);
  return [...ordered, ...claims.filter((claim) => !placed.has(claim)).sort(compare)];
}

function insert(sorted: Claim[], claim: Claim, compare: (a: Claim, b: Claim) => number): void {
  let low = 0;
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle] as Claim, claim) <= 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, claim);
}
