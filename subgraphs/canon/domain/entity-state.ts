import type { CanonEvent } from '../../../schema/events/envelope.ts';

/** Public fields of an entity, as its events have left them. */
export type EntityState = Readonly<Record<string, unknown>>;

type Fold = (state: EntityState, payload: EntityState) => EntityState;

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Events whose payload says what changed; that of all others says what is from then on. */
const folds: Readonly<Record<string, Fold>> = {
  'creator.profile-updated': (state, { changed: _changed, ...rest }) => ({ ...state, ...rest }),
  'creator.skills-changed': (state, { added, removed }) => {
    const gone = new Set(texts(removed));
    const kept = texts(state['skills']).filter((skill) => !gone.has(skill));
    return { ...state, skills: [...new Set([...kept, ...texts(added)])] };
  },
  'creator.state-changed': (state, { to }) => ({ ...state, state: to }),
  'creator.erased': (_state, { erasedAt }) => ({ erasedAt }),
  'space.member-left': (state, payload) => ({ ...state, ...payload, role: null }),
  'relationship.unfollowed': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.mentorship-ended': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.endorsement-revoked': (state, payload) => ({ ...state, ...payload, ended: true }),
  'relationship.unblocked': (state, payload) => ({ ...state, ...payload, ended: true }),
  'artifact.judgement-withdrawn': (state, payload) => ({ ...state, ...payload, ended: true }),
};

/** One event further. What had ended goes on when it begins anew. */
export function evolve(state: EntityState, event: Pick<CanonEvent, 'type' | 'payload'>): EntityState {
  const fold = Object.hasOwn(folds, event.type) ? folds[event.type] : undefined;
  if (fold) return fold(state, event.payload);
  const { ended: _ended, ...rest } = state;
  return { ...rest, ...event.payload };
}

export interface FieldChange {
  readonly field: string;
  /** Undefined where there was no such field. */
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields that differ between two states, by name. */
export function compareStates(before: EntityState, after: EntityState): readonly FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields
    .map((field) => ({ field, before: before[field], after: after[field] }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}
