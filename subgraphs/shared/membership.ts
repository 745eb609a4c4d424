/** The entity of one creator's membership in one space: joining, leaving and joining again are one chain. */
export function membershipOf(creatorId: string, spaceId: string): string {
  return `${creatorId}|${spaceId}`;
}
