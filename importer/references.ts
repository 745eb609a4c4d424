import { v5 as uuidv5 } from 'uuid';

const namespace = '5d0a5f39-6a43-4f1d-9a59-4d1b6c1f7a02';

/** Kinds of reference that an import may make; the same text may name one thing of each kind. */
export type ReferenceKind = 'creator' | 'artifact' | 'space' | 'post' | 'award' | 'event';

/** The UUID of what a community calls `reference`: the same in every load, so that a repetition finds what is there. */
export function idOf(community: string, kind: ReferenceKind, reference: string): string {
  return uuidv5(`${community}|${kind}|${reference}`, namespace);
}

/** Who attests what an anonymous member did. */
export function platformActor(community: string): string {
  return `platform:${community}`;
}
