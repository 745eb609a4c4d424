import type { EventType, PayloadOf } from '../events/catalogue.ts';

/** What many creators may come to do alike. What each did is told by its public fields alone. */
interface Behaviour<T extends EventType = EventType> {
  readonly type: T;
  /** What the deed was about: the same behaviour about another subject is another pattern. Empty where it does not count. */
  subjectsOf(payload: PayloadOf<T>): readonly string[];
}

function defineBehaviour<T extends EventType>(
  type: T,
  subjectsOf: (payload: PayloadOf<T>) => readonly string[],
): Behaviour {
  return { type, subjectsOf };
}

/** The behaviours that are looked for. Names are part of recorded events: added, never renamed. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  /** Public works are given this tag. */
  'tags-works': defineBehaviour('artifact.published', ({ visibility, tags }) =>
    visibility === 'PUBLIC' ? tags.map((tag) => tag.toLowerCase()) : [],
  ),
  /** Public works of this kind are made from other works. */
  'derives-works': defineBehaviour('artifact.published', ({ visibility, kind, derivedFrom }) =>
    visibility === 'PUBLIC' && derivedFrom.length > 0 ? [kind] : [],
  ),
  /** This skill is taken up. */
  'takes-up-skill': defineBehaviour('creator.skills-changed', ({ added }) => added.map((skill) => skill.toLowerCase())),
  /** Spaces of this kind are founded. */
  'founds-spaces': defineBehaviour('space.created', ({ kind }) => [kind]),
};

/**
 * From when on a behaviour is a pattern: so many creators, on so many different days, within so many days. Patterns are proposed as EMERGENT canon: a person
 * decides whether they become canonical.
 */
export const patternThresholds = { creatorsMin: 25, daysMin: 14, windowDays: 90 } as const;

export interface PatternThresholds {
  readonly creatorsMin: number;
  readonly daysMin: number;
  readonly windowDays: number;
}
