export interface Claim<M> {
  readonly partition: string;
  /** Members that subscribe to the partition's topic, in the order in which they joined. */
  readonly members: readonly M[];
  readonly owner: M | null;
}

/**
 * Shares partitions out evenly, moving as few as possible: no member keeps more than its even share while another has less.
 * Answers in the order of the claims; null where nobody subscribes.
 */
export function assign<M>(claims: readonly Claim<M>[]): (M | null)[] {
  const everyone = new Set(claims.flatMap((claim) => claim.members));
  const share = Math.floor(claims.length / Math.max(1, everyone.size));
  const load = new Map<M, number>([...everyone].map((member) => [member, 0]));
  const loadOf = (member: M): number => load.get(member) ?? 0;
  const take = (member: M): M => {
    load.set(member, loadOf(member) + 1);
    return member;
  };
  const kept = claims.map(({ owner, members }) => {
    const keeps = owner !== null && members.includes(owner) && loadOf(owner) < share;
    return keeps ? take(owner) : null;
  });
  return claims.map(({ owner, members }, index) => {
    const keeper = kept[index];
    if (keeper != null) return keeper;
    const least = Math.min(...members.map(loadOf));
    const candidates = members.filter((member) => loadOf(member) === least);
    const chosen = candidates.find((member) => member === owner) ?? candidates[0];
    return chosen === undefined ? null : take(chosen);
  });
}
