import type { KnownSpace, SpaceProps } from './space.ts';

/** A space, for tests. */
export function spaceProps(props: Partial<SpaceProps> = {}): SpaceProps {
  return {
    name: 'Lab',
    kind: 'COLLABORATION',
    description: '',
    capacity: 5,
    createdBy: 'ada',
    createdAt: '2018-03-12T09:00:00.000Z',
    ...props,
  };
}

export function knownSpace(props: Partial<SpaceProps> = {}, memberCount = 1): KnownSpace {
  return { id: 'lab', props: spaceProps(props), memberCount };
}

export const noSpace: KnownSpace = { id: 'lab', props: null, memberCount: 0 };

/** The codes of a decision's objections; [] where it was accepted. */
export function codes(
  decision: { readonly ok: true } | { readonly ok: false; readonly errors: readonly { readonly code: string }[] },
): string[] {
  return decision.ok ? [] : decision.errors.map((error) => error.code);
}
