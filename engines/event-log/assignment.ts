/** Who may have a partition, and who has it. */
export interface Claim<M> {
  /** Members that subscribe to its topic, in the order in which they joined. */
  readonly members: readonly M[];
  readonly owner: M | null;
}

/**
 * Shares partitions out evenly (loads differ by one at most where all members subscribe to the same), moving as few as possible.
 * Answers in the order of the claims; null where nobody subscribes.
 */
export function assign<M>(claims: readonly Claim<M>[]): (M | null)[] {
  const members = new Set(claims.flatMap((claim) => claim.members));
  const wanted = claims.filter((claim) => claim.members.length > 0).length;
  const share = Math.floor(wanted / Math.max(1, members.size));
  const load = new Map<M, number>();
  const loadOf = (member: M): number => load.get(member) ?? 0;
  const assigned: (M | null)[] = claims.map(() => null);
  const give = (index: number, member: M): void => {
    assigned[index] = member;
    load.set(member, loadOf(member) + 1);
  };
  const keepUpTo = (most: number, limit: number): void => {
    let kept = 0;
    for (const [index, { owner, members: subscribers }] of claims.entries()) {
      if (assigned[index] !== null || owner === null || !subscribers.includes(owner)) continue;
      if (loadOf(owner) >= most || kept >= limit) continue;
      give(index, owner);
      kept += 1;
    }
  };
  keepUpTo(share, Infinity);
  // So many members have one more than the even share.
  keepUpTo(share + 1, wanted % Math.max(1, members.size));
  for (const [index, { members: subscribers }] of claims.entries()) {
    if (assigned[index] !== null) continue;
    const least = subscribers.toSorted((a, b) => loadOf(a) - loadOf(b))[0];
    if (least !== undefined) give(index, least);
  }
  return assigned;
}
