/** The creator behind an actor's id; null for a platform, which stands for anonymous members. */
export function creatorOf(actorId: string): { readonly id: string } | null {
  return actorId.startsWith('platform:') ? null : { id: actorId };
}
